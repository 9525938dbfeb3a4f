/** A program that makes one step and ends: it calls `serveStep` with the definitions of the engine that starts it. */
export interface StepProgram {
  /** Its file. */
  readonly module: string | URL
  readonly args?: readonly string[]
  /** How long a function that was told to stop may take before its process is killed; 4 s if absent, and 5 s at most. */
  readonly graceMs?: number
}
