import { layout, type LayoutTask } from './layout.ts'

addEventListener('message', ({ data }: MessageEvent<LayoutTask>) => {
  const positions = layout(data)
  postMessage(positions, { transfer: [positions.buffer] })
})
