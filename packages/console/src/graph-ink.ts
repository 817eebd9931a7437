import type { NodeHoverDrawingFunction } from 'sigma/rendering'

/** A canvas knows no style sheet, so the colours of the map besides those of kinds are written here. */
export type Ink = { text: string; paper: string; line: string; strong: string; faint: string }

const LIGHT: Ink = { text: '#332f2a', paper: '#ffffff', line: '#b3aba0', strong: '#4b453e', faint: '#e9e6e0' }
const DARK: Ink = { text: '#dcd7cf', paper: '#35312d', line: '#57514a', strong: '#cfc9bf', faint: '#2b2825' }

export const inkOf = (scheme: 'light' | 'dark'): Ink => (scheme === 'dark' ? DARK : LIGHT)

/** The name of a node on paper, over whatever lies there, and a ring around the node. */
export const drawNodeHover: NodeHoverDrawingFunction = (context, { x, y, size, label, color }, settings) => {
  const text = 'color' in settings.labelColor ? settings.labelColor.color : undefined
  const ink = text === DARK.text ? DARK : LIGHT
  if (typeof label === 'string') {
    context.font = `600 ${settings.labelSize}px ${settings.labelFont}`
    const start = x + size + 9
    context.fillStyle = ink.paper
    context.beginPath()
    context.roundRect(x, y - 11, start - x + context.measureText(label).width + 6, 22, 4)
    context.fill()
    context.fillStyle = ink.text
    context.fillText(label, start, y + 4)
  }
  context.lineWidth = 2
  context.strokeStyle = color
  context.beginPath()
  context.arc(x, y, size + 4, 0, Math.PI * 2)
  context.stroke()
}
