import type { sqlEndpoints } from '../contract/sql.ts'
import { answerSql, downloadSql, sqlTables } from '../query/sql.ts'
import type { Handlers } from '../served.ts'

export const sqlHandlers: Handlers<keyof typeof sqlEndpoints> = {
  sqlTables: (on) => sqlTables(on),
  sql: answerSql,
  sqlDownload: downloadSql,
}
