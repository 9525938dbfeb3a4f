/**
 * A preload that moves the wall clock of one process while it runs: by an hour on with SIGUSR2, by an hour back with
 * SIGHUP. What measures spans (`performance.now`, timers) goes on as before, as when an administrator sets the clock.
 */
const hour = 3_600_000
const real = Date
let shift = 0
const now = () => real.now() + shift

globalThis.Date = new Proxy(real, {
  construct: (target, args, self) => Reflect.construct(target, args.length === 0 ? [now()] : args, self),
  apply: () => new real(now()).toString(),
  get: (target, name, self) => (name === 'now' ? now : Reflect.get(target, name, self)),
})

for (const [signal, by] of [
  ['SIGUSR2', hour],
  ['SIGHUP', -hour],
] as const) {
  process.on(signal, () => {
    shift += by
    process.stdout.write(`clock: ${shift / hour} h\n`)
  })
}
