/** Type-level tools that know nothing of pipelines. */

export type Intersection<Union> = (Union extends unknown ? (u: Union) => void : never) extends (i: infer I) => void
  ? I
  : never

/** `T`, printed by the compiler as its members and not as the alias that made it. */
export type Shown<T> = T extends infer Members ? Members : never

/** No value has this type, and the compiler's complaint begins with `Message`. */
export type CompileError<Message extends string> = { readonly [_ in Message]: never }
