import { describe, expect, test } from 'vitest'
import { limits } from '@tenon/contract'
import { guardAddress, hostOf } from '@tenon/egress'
import { fetchBy, outside, outsideAt, PUBLIC } from './outside.ts'

const INWARD = [
  '0.0.0.0',
  '0.1.2.3',
  '10.0.0.1',
  '100.64.0.1',
  '100.100.100.200',
  '127.0.0.1',
  '127.1',
  '127.255.255.254',
  '168.63.129.16',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.170',
  '192.0.2.1',
  '192.88.99.1',
  '192.168.1.1',
  '198.18.0.1',
  '198.51.100.7',
  '203.0.113.7',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '2130706433',
  '0x7f000001',
  '0177.0.0.1',
  '::',
  '::1',
  '::127.0.0.1',
  '::ffff:127.0.0.1',
  '::ffff:10.0.0.1',
  '::ffff:169.254.169.254',
  '::ffff:0:127.0.0.1',
  '64:ff9b::7f00:1',
  '64:ff9b:1::1',
  '100::1',
  '1::1',
  '2001::1',
  '2001:0:7f00:1::',
  '2001:10::1',
  '2001:db8::1',
  '2002:7f00:1::',
  '3fff::1',
  '4000::1',
  '5f00::1',
  'fc00::1',
  'fd00:ec2::254',
  'fe80::1',
  'fe80::1%eth0',
  'fec0::1',
  'ff02::1',
  '',
  'localhost',
  '::ffff:999.0.0.1',
]

test.each(INWARD)('the address %j may not be connected to', (address) => {
  expect(guardAddress(address)).toBeTypeOf('string')
})

test.each([PUBLIC, '1.1.1.1', '172.32.0.1', '::ffff:1.1.1.1', '2606:4700::1111'])('the address %s may', (address) => {
  expect(guardAddress(address)).toBeUndefined()
})

const NASTY = [
  'https://127.0.0.1/',
  'https://127.0.0.1./',
  'https://2130706433/',
  'https://017700000001/',
  'https://0177.0.0.1/',
  'https://0x7f000001/',
  'https://0x7f.0.0.1/',
  'https://127.1/',
  'https://①②⑦.⓪.⓪.①/',
  'https://127。0。0。1/',
  'https://0/',
  'https://[::1]/',
  'https://[::ffff:127.0.0.1]/',
  'https://[::ffff:7f00:1]/',
  'https://[64:ff9b::7f00:1]/',
  'https://[2002:7f00:1::]/',
  'https://[fe80::1]/',
  'https://169.254.169.254/latest/meta-data/',
  'https://[fd00:ec2::254]/',
  'https://93.184.216.34/',
  'https://[2606:4700::1111]/',
  'https://user@outside.example/',
  'https://user:pass@outside.example/',
  'https://:pass@outside.example/',
  'https://outside.example:443@127.0.0.1/',
  'https://outside.example@127.0.0.1/',
  'http://outside.example:8080/',
  'http://outside.example:443/',
  'ftp://outside.example/',
  'file:///etc/passwd',
  'gopher://outside.example/',
  'ws://outside.example/',
  'data:text/plain,x',
  'javascript:alert(1)',
  'unix:/run/docker.sock',
  'https://outside.example../',
  'https://.outside.example/',
  'https://-outside.example/',
  `https://${'a'.repeat(64)}.example/`,
  `https://${'a.'.repeat(130)}example/`,
  'https://outside!.example/',
  'https://out%00side.example/',
  'https:///',
  '//outside.example/',
  'outside.example',
  '/relative',
  '',
]

test.each(NASTY)('the URL %j is refused before a name is resolved or a socket opened', async (url) => {
  const out = outsideAt(1, [PUBLIC])
  const refused = fetchBy(out, { url })
  await expect(refused).rejects.toMatchObject({ code: 'EGRESS_DENIED', details: { why: expect.any(String) } })
  expect([out.lookups, out.dials]).toEqual([[], []])
})

test('there are as many refusals as were asked for', () => expect(NASTY.length).toBeGreaterThanOrEqual(40))

describe('a name is refused, and no socket opened,', () => {
  test.each(INWARD)('when it leads to %j', async (address) => {
    const out = outsideAt(1, [address])
    await expect(fetchBy(out, {})).rejects.toMatchObject({
      code: 'EGRESS_DENIED',
      details: { host: 'outside.example', why: expect.stringContaining(address) },
    })
    expect(out.dials).toEqual([])
  })

  test('when one of several addresses leads inside', async () => {
    const out = outsideAt(1, [PUBLIC, '10.0.0.1'])
    await expect(fetchBy(out, {})).rejects.toMatchObject({ code: 'EGRESS_DENIED' })
    expect(out.dials).toEqual([])
  })

  test('when policy does not allow its host and port, without even a resolution', async () => {
    const out = outsideAt(1, [PUBLIC])
    const asked: string[] = []
    const allowed = (host: string, port: number) => {
      asked.push(`${host}:${port}`)
      return false
    }
    for (const url of ['https://Outside.Example./', 'http://outside.example/', 'https://outside.example:8443/'])
      await expect(fetchBy({ ...out, gate: { ...out.gate, allowed } }, { url })).rejects.toMatchObject({
        code: 'EGRESS_DENIED',
      })
    expect(asked).toEqual(['outside.example:443', 'outside.example:80', 'outside.example:8443'])
    expect([out.lookups, out.dials]).toEqual([[], []])
  })
})

describe('a request is refused, and no socket opened,', () => {
  const refusal = async (request: Parameters<typeof fetchBy>[1], code: string): Promise<void> => {
    const out = outsideAt(1, [PUBLIC])
    await expect(fetchBy(out, request)).rejects.toMatchObject({ code, details: { host: 'outside.example' } })
    expect([out.lookups, out.dials]).toEqual([[], []])
  }

  test.each(['CONNECT', 'TRACE', 'get', '', 'GET / HTTP/1.1'])('with the method %j', (method) =>
    refusal({ method }, 'EGRESS_DENIED'),
  )

  test.each([
    ['a\r\nb', 'x'],
    ['', 'x'],
    ['a b', 'x'],
    ['a', 'x\r\nhost: evil.example'],
    ['a', 'x\0'],
    ['a', '✓'],
  ])('with the header %j: %j', (name, value) => refusal({ headers: { [name]: value } }, 'EGRESS_DENIED'))

  test('with a body that is too long', () =>
    refusal({ method: 'POST', body: new Uint8Array(limits.proxyRequestBytes + 1) }, 'EGRESS_TOO_LARGE'))

  test.each([0, 999, 60_001, Number.NaN])('with a timeout of %d ms', (timeoutMs) =>
    refusal({ timeoutMs }, 'EGRESS_DENIED'),
  )
})

test('a name that changes its address after it was vetted changes nothing', async () => {
  const out = await outside((_request, answer) => void answer.end('here'))
  const answers = [[PUBLIC], ['127.0.0.1']]
  const gate = { ...out.gate, lookup: async () => answers.shift() ?? [] }
  expect((await fetchBy({ ...out, gate }, {})).status).toBe(200)
  expect(out.dials).toEqual([`${PUBLIC}:80`])
  await expect(fetchBy({ ...out, gate }, {})).rejects.toMatchObject({ code: 'EGRESS_DENIED' })
  expect(out.dials).toEqual([`${PUBLIC}:80`])
})

test('a redirect is handed back, and asking where it leads is judged anew', async () => {
  const out = await outside((_request, answer) => {
    answer.writeHead(302, { location: 'http://127.0.0.1/' }).end()
  })
  const answer = await fetchBy(out, {})
  expect([answer.status, answer.headers['location']]).toEqual([302, 'http://127.0.0.1/'])
  expect(out.dials).toHaveLength(1)
  await expect(fetchBy(out, { url: 'http://127.0.0.1/' })).rejects.toMatchObject({ code: 'EGRESS_DENIED' })
  expect(out.dials).toHaveLength(1)
})

test('the host of a CONNECT is read by the same rules', () => {
  expect(hostOf('Outside.Example.')).toBe('outside.example')
  for (const host of ['127.0.0.1', '[::1]', '::1', '2130706433', '0x7f', 'a..b', '', 'a b'])
    expect(() => hostOf(host)).toThrow(expect.objectContaining({ code: 'EGRESS_DENIED' }))
})
