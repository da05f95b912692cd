/**
 * Named points in the middle of work, at which a test kills the real process to see that nothing
 * acknowledged is lost. Without SMART_TEST_KILL_AT a point does nothing.
 */
export type Point =
  | `application:${'inserted' | 'committed'}`
  | `register:${'inserted' | 'committed'}`
  | `destruction:${'erased' | 'committed'}`
  | `${'email' | 'sms'}:${'claimed' | 'accepted' | 'noted'}`

const killAt = process.env['SMART_TEST_KILL_AT']

export function reached(point: Point): void {
  if (point === killAt) process.kill(process.pid, 'SIGKILL')
}
