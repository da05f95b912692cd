/**
 * Keeps what was made under a key, for what costs time and is asked for by everybody. What wasn't asked for longest
 * goes first; a failure isn't kept.
 * @param most values at a time
 */
export function kept<Value>(most: number): (key: string, make: () => Promise<Value>) => Promise<Value> {
  const values = new Map<string, Promise<Value>>()
  return (key, make) => {
    const value = values.get(key) ?? make()
    // Set anew, so that the map's order is the order of use.
    values.delete(key)
    values.set(key, value)
    value.catch(() => values.delete(key))
    for (const oldest of values.keys()) {
      if (values.size <= most) break
      values.delete(oldest)
    }
    return value
  }
}
