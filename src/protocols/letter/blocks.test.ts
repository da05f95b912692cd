import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { letterBlocks } from './blocks.ts'

describe('the blocks of a letter’s text', () => {
  it('are headings, steps, items, and paragraphs that keep their line breaks', () => {
    const text =
      'Здравствуйте!\r\nКоллеги.\n\n# Что делать\n1. Откройте\n2) Войдите\n- бланк\n— согласие\nдальше'
    expect(letterBlocks(text)).toEqual([
      { kind: 'paragraph', text: 'Здравствуйте!\nКоллеги.' },
      { kind: 'heading', text: 'Что делать' },
      { kind: 'step', text: 'Откройте', mark: '1.' },
      { kind: 'step', text: 'Войдите', mark: '2.' },
      { kind: 'item', text: 'бланк', mark: '–' },
      { kind: 'item', text: 'согласие', mark: '–' },
      { kind: 'paragraph', text: 'дальше' },
    ])
  })

  it('lose no word of any text', () => {
    const words = (text: string) => text.match(/[а-я]+/g) ?? []
    const line = fc.stringMatching(/^(# |- |1\. )?[а-я ]{0,20}$/)
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const text = lines.join('\n')
        expect(letterBlocks(text).flatMap((block) => words(block.text))).toEqual(words(text))
      }),
    )
  })
})
