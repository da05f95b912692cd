import * as texts from '#texts'

/** Russia's zones from west to east; the cities are how people know them. */
export const zones = [
  ['Europe/Kaliningrad', texts.zone_kaliningrad],
  ['Europe/Moscow', texts.zone_moscow],
  ['Europe/Samara', texts.zone_samara],
  ['Asia/Yekaterinburg', texts.zone_yekaterinburg],
  ['Asia/Omsk', texts.zone_omsk],
  ['Asia/Novosibirsk', texts.zone_novosibirsk],
  ['Asia/Irkutsk', texts.zone_irkutsk],
  ['Asia/Yakutsk', texts.zone_yakutsk],
  ['Asia/Vladivostok', texts.zone_vladivostok],
  ['Asia/Magadan', texts.zone_magadan],
  ['Asia/Kamchatka', texts.zone_kamchatka],
] as const

/** «Москва (МСК)»; a zone that no list offers stands for itself. */
export const zoneText = (zone: string): string => zones.find(([each]) => each === zone)?.[1]() ?? zone
