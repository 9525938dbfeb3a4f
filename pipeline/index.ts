/** The public face of the framework, and the only file of it that other folders import. */

export { explainAutomation } from './daemon/automation.ts'
export type { Daemon, DaemonOptions } from './daemon/daemon.ts'
export { startDaemon } from './daemon/daemon.ts'
export { decideSchedule, nextTick, scheduledAsk } from './daemon/schedules.ts'
export { pollSensor } from './daemon/sensors.ts'
export type { AutomationState } from './daemon/switches.ts'
export { automationNamed, automations, evaluateTick, setAutomation } from './daemon/switches.ts'
export type { Tick } from './daemon/tick.ts'
export type { AnyAsset, Asset, RowOf, StepLog } from './define/asset.ts'
export { defineAsset, depsOf } from './define/asset.ts'
export type {
  AnyJob,
  AnySchedule,
  AnySensor,
  EndedRun,
  MadePartition,
  RunOptions,
  RunRequest,
  SensorAnswer,
  TickAnswer,
} from './define/automation.ts'
export { defineJob, defineSchedule, defineSensor, skip } from './define/automation.ts'
export {
  acceptedValues,
  every,
  holds,
  inRange,
  noRows,
  notNull,
  recent,
  related,
  rowCount,
  rowCountChange,
  schemaUnchanged,
  unique,
} from './define/built-in-checks.ts'
export type { Check, CheckResult, CheckSubject, Claim, ColumnTypes, Severity } from './define/check.ts'
export { notBlocking, warning } from './define/check.ts'
export type { ColumnSpec, ColumnType } from './define/columns.ts'
export { columnsOf } from './define/columns.ts'
export type { Condition } from './define/condition.ts'
export {
  allDepsMatch,
  allDepsUpdatedSinceCron,
  allow,
  and,
  anyDepsInProgress,
  anyDepsMatch,
  anyDepsMissing,
  anyDepsUpdated,
  codeVersionChanged,
  cronTickPassed,
  dataVersionChanged,
  eager,
  failed,
  ignore,
  initialEvaluation,
  inLatestTimeWindow,
  inProgress,
  labeled,
  missing,
  nameOfCondition,
  newlyRequested,
  newlyTrue,
  newlyUpdated,
  not,
  onCron,
  onMissing,
  or,
  replace,
  since,
  sinceLastHandled,
  willBeRequested,
  without,
} from './define/condition.ts'
export { versioned } from './define/data-version.ts'
export type { Definitions } from './define/definitions.ts'
export { assetNamed } from './define/definitions.ts'
export type { Duration } from './define/duration.ts'
export { durationMs } from './define/duration.ts'
export type { DynamicKeys } from './define/dynamic.ts'
export { dynamic } from './define/dynamic.ts'
export type { ErrorCode, ErrorDetails } from './define/errors.ts'
export { isPipelineError, PipelineError } from './define/errors.ts'
export { externalAsset } from './define/external-asset.ts'
export type { Freshness, FreshnessState } from './define/freshness.ts'
export { freshnessRule } from './define/freshness.ts'
export type {
  ClaimResult,
  FileIdentity,
  InputVersions,
  IoManager,
  LakeFile,
  StagedFile,
  SweepLimits,
} from './define/io.ts'
export type { Isolation } from './define/isolation.ts'
export type { AnyDependency, Dependency } from './define/mapping.ts'
export { allOf, around, latest, mapped, mappingOf, only, optional, rolling, within } from './define/mapping.ts'
export type { Metadata, MetadataValue, TypedMetadata } from './define/metadata.ts'
export { meta, typedMetadata } from './define/metadata.ts'
export { nearest } from './define/nearest.ts'
export type { SeenAsset } from './define/observing.ts'
export type { RunParams } from './define/params.ts'
export type { Dimension, Dimensions, PartitionKey, PartitionOf, Window } from './define/partition.ts'
export { countAt, keyed, keyOf, partitionOf, partitionsAt } from './define/partition.ts'
export type { Provider, Resource } from './define/resource.ts'
export { provide, resource } from './define/resource.ts'
export type { DeploymentRetention, Retention } from './define/retention.ts'
export type { RetryPolicy } from './define/retry-policy.ts'
export type { RunLimits, TagLimit } from './define/run-limits.ts'
export type { FreshnessChange } from './define/sensors.ts'
export { defineAssetSensor, defineFreshnessSensor, defineRunSensor } from './define/sensors.ts'
export type { Batch, Batches, Column, Rows, Sql, SqlValue, Table, TableFile } from './define/table.ts'
export { batchesOf, isBatches, isSql, isTable, sql, tableOf } from './define/table.ts'
export type { ScheduleTime, TimeDimension } from './define/time-windows.ts'
export { daily, hourly, monthly, oncePerWindow, weekly, windows } from './define/time-windows.ts'
export type { QueuedRun } from './plan/admit-runs.ts'
export { admitRuns } from './plan/admit-runs.ts'
export type { Completion } from './plan/complete-selection.ts'
export { completeSelection } from './plan/complete-selection.ts'
export { definitions } from './plan/definitions.ts'
export type { Verdict } from './plan/evaluate-clause.ts'
export { explained, printExplained } from './plan/explain-condition.ts'
export { parseSelection } from './plan/parse-selection.ts'
export type { PartitionSet } from './plan/partition-set.ts'
export { add, has, noPartitions, ordinals, parseSet, printSome, size } from './plan/partition-set.ts'
export { heldStates, isReadableAt, statusAt } from './plan/partition-status.ts'
export type { Plan, PlannedAsset, PlannedStep, RunAsk, RunMode } from './plan/plan-run.ts'
export { listed, planRun, stepsOf } from './plan/plan-run.ts'
export { downstreamOf, upstreamOf } from './plan/reachable-assets.ts'
export { evaluateSelection, selectAssets } from './plan/select-assets.ts'
export type { PartitionFilter } from './plan/select-partitions.ts'
export { everyPartition, filtered, finestTime, parsePartitions, partitionsIn } from './plan/select-partitions.ts'
export type { Selection } from './plan/selection-syntax.ts'
export { printSelection } from './plan/selection-syntax.ts'
export type { AsOf, Axis, Space } from './plan/space.ts'
export { indexOn, keyAt, ordinalOf, spaceOf } from './plan/space.ts'
export type { BullmqQueueOptions } from './queue/bullmq.ts'
export { bullmqQueue } from './queue/bullmq.ts'
export type { Wake, WakeOptions } from './queue/bullmq-wake.ts'
export { bullmqWake } from './queue/bullmq-wake.ts'
export type { Queue, StepHandler, StepJob, StepReport } from './queue/port.ts'
export type { AssetTallies, AssetTally } from './run/asset-tallies.ts'
export { assetTallies } from './run/asset-tallies.ts'
export { keysAt } from './run/dynamic-keys.ts'
export type { Engine, StartedRun } from './run/engine.ts'
export { openEngine } from './run/engine.ts'
export { joinedAt } from './run/identity.ts'
export type { RunListener, RunResult, StepFailure } from './run/lead-run.ts'
export type { LineageAsk, LineageEdge, LineageNode } from './run/lineage.ts'
export { lineage } from './run/lineage.ts'
export type { ListedPartition, ShownStatus } from './run/list-partitions.ts'
export { listPartitions, shownStatuses } from './run/list-partitions.ts'
export type { Past } from './run/past.ts'
export { instantOf, parsePast } from './run/past.ts'
export { readStatuses } from './run/read-statuses.ts'
export type { RetainAsk, Retained, RetainedAsset } from './run/retain.ts'
export type { RollbackAsk, RolledBack } from './run/rollback.ts'
export type { Fate, FateCell, RunFates } from './run/run-fates.ts'
export { fateCells, followFates, noFates } from './run/run-fates.ts'
export type { RunCounts, RunEvent, RunState, RunStatus } from './run/run-state.ts'
export { isFinal, nextRunState, total } from './run/run-state.ts'
export { serveStep } from './run/serve-step.ts'
export { staleReasons } from './run/stale-reasons.ts'
export type { StepProgram } from './run/step-program.ts'
export { storeClock } from './run/store-clock.ts'
export type { Verified } from './run/verify.ts'
export { verify } from './run/verify.ts'
export type { VerifyAsk } from './run/verify-context.ts'
export type { Violation, ViolationKind } from './run/violation.ts'
export type { WipeAsk, Wiped } from './run/wipe.ts'
export type {
  AssetSummary,
  CheckOutcome,
  EventRow,
  KeptMaterialization,
  LogLine,
  Materialization,
  Page,
  PartitionRow,
  RunEventsAsk,
  RunPageAsk,
  RunPlace,
  RunRow,
  RunStore,
  TickRow,
  WorkerAbout,
} from './store/port.ts'
export { type PostgresOptions, postgresStore } from './store/postgres.ts'
export { sqliteStore } from './store/sqlite.ts'
export { materialize } from './testing/materialize.ts'
export { memoryIo } from './testing/memory-io.ts'
export type { WouldRun } from './testing/what-would-run.ts'
export { whatWouldRun } from './testing/what-would-run.ts'
