interface BuiltManifest {
  routes: {
    id: string
    page: { layouts: unknown[]; leaf: number } | null
    endpoint: (() => Promise<Record<string, unknown>>) | null
  }[]
  nodes: (() => Promise<{ server?: { actions?: Record<string, unknown> } }>)[]
  remotes: Record<string, unknown>
}

/** Something that the production build answers to. */
export interface BuiltRoute {
  /** `/route page`, `/route ?/action`, `/route METHOD`, or `remote NAME` of a remote function. */
  key: string
  /** How many layouts stand around a page. */
  layouts: number
}

/** Everything that the production build answers to, as its own manifest says. */
export async function builtRoutes(): Promise<BuiltRoute[]> {
  // A path made at run time: the build isn't there when types are checked.
  const built = new URL('../../build/server/manifest.js', import.meta.url).href
  const { manifest } = (await import(/* @vite-ignore */ built)) as { manifest: BuiltManifest }
  const found = Object.keys(manifest.remotes).map((name) => ({ key: `remote ${name}`, layouts: 0 }))
  for (const { id, page, endpoint } of manifest.routes) {
    for (const method of Object.keys((await endpoint?.()) ?? {}))
      found.push({ key: `${id} ${method}`, layouts: 0 })
    if (!page) continue
    const layouts = page.layouts.length
    found.push({ key: `${id} page`, layouts })
    const { server } = (await manifest.nodes[page.leaf]?.()) ?? {}
    for (const action of Object.keys(server?.actions ?? {})) found.push({ key: `${id} ?/${action}`, layouts })
  }
  return found
}
