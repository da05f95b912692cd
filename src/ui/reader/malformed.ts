/** Characters that no XML document may have (XML 1.0 §2.2). */
const notXml = /[^\t\n\r\P{Cc}]|[\ufffe\uffff]/gu

/** `<title/>`, which HTML takes for a beginning: the whole text would be its title. */
const emptyTag =
  /<(?!(?:area|base|br|col|embed|hr|img|input|link|meta|source|track|wbr)\b)([a-z][\w:-]*)((?:\s[^<>]*)?)\/>/gi

/** A text that isn't well-formed XML, as the forgiving parser sees it. */
export const asHtml = (text: string): Document =>
  new DOMParser().parseFromString(text.replace(notXml, '').replace(emptyTag, '<$1$2></$1>'), 'text/html')
