import { defineParams } from '@sveltejs/kit/params'

export const params = defineParams({
  uuid: (param) =>
    /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(param) ? param : undefined,
})
