import { isFinding } from '@tenon/contract'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { Pill } from './pill.tsx'
import { Containment, HealthPill, StatusPill } from './plugin-state.tsx'
import type { HealthRecord, PluginDetail, Verification } from './plugins.ts'
import { shortDigest } from './short-digest.ts'
import { Time } from './time.tsx'

/** Who a plugin is and how it is, at a glance. */
export function PluginFacts({ plugin }: { plugin: PluginDetail }): ReactNode {
  const { status, statusReason, health, healthRecord, kind, address, contracts, traits } = plugin
  return (
    <dl className="facts">
      <Fact name="Status">
        <StatusPill status={status} />
        {statusReason !== undefined && statusReason !== '' && <div className="under">{statusReason}</div>}
      </Fact>
      <Fact name="Health">
        <HealthPill health={health} />
        <LastCheck record={healthRecord} />
      </Fact>
      <Fact name="Runs as">
        {kind}
        <div className="under">
          <Containment plugin={plugin} />
          {address !== undefined && <div>at {address}</div>}
        </div>
      </Fact>
      <Fact name="Identity">
        <Identity plugin={plugin} />
      </Fact>
      {plugin.verification !== undefined && (
        <Fact name="Signature">
          <Signature plugin={plugin.id} verification={plugin.verification} />
        </Fact>
      )}
      <Fact name="Contracts">{listed(contracts)}</Fact>
      <Fact name="Traits">{listed(traits)}</Fact>
    </dl>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }): ReactNode {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

function Identity({ plugin: { id, version, publisher, registeredAt } }: { plugin: PluginDetail }): ReactNode {
  return (
    <>
      <code>
        {id} {version}
      </code>
      <div className="under">{publisher === undefined ? 'no publisher' : `published by ${publisher}`}</div>
      <div className="under">
        registered <Time at={registeredAt} />
      </div>
    </>
  )
}

function Signature({ plugin, verification }: { plugin: string; verification: Verification }): ReactNode {
  const { signer, gates = [], refusals, waived } = verification
  return (
    <>
      <Trust verification={verification} />
      {refusals.map(({ code, message }) => (
        <div className="under" key={code}>
          {code}: {message}
          {isFinding(code) && (
            <>
              {'; '}
              <Link to="/overrides" search={{ plugin, finding: code }}>
                ask for an override
              </Link>
            </>
          )}
        </div>
      ))}
      {waived.map(({ code, message, expiresAt }) => (
        <div className="under" key={code}>
          {code}: {message}; <Link to="/overrides">overridden</Link> until <Time at={expiresAt} />
        </div>
      ))}
      {signer !== undefined && (
        <div className="under">
          signed by <code>{shortDigest(signer)}</code>
        </div>
      )}
      {gates.length > 0 && (
        <div className="under">
          attested: {gates.map(({ gate, checked, problems }) => `${gate} ${problems} of ${checked}`).join(', ')}
        </div>
      )}
    </>
  )
}

function Trust({ verification: { refusals, waived } }: { verification: Verification }): ReactNode {
  if (refusals.length > 0)
    return (
      <Pill tone="bad" icon="cross">
        refused
      </Pill>
    )
  if (waived.length > 0)
    return (
      <Pill tone="warn" icon="warning">
        overridden
      </Pill>
    )
  return (
    <Pill tone="good" icon="check">
      verified
    </Pill>
  )
}

const listed = (names: string[]): ReactNode =>
  names.length === 0 ? <span className="dimmed">none</span> : names.join(', ')

function LastCheck({ record }: { record: HealthRecord }): ReactNode {
  const { lastCheck, lastHeartbeat, responseTimeMs, consecutiveFailures, errorMessage } = record
  return (
    <div className="under">
      {lastCheck === undefined ? (
        'not checked yet'
      ) : (
        <>
          checked <Time at={lastCheck} />
          {responseTimeMs !== undefined && ` in ${responseTimeMs} ms`}
        </>
      )}
      {lastHeartbeat !== undefined && (
        <div>
          heard of <Time at={lastHeartbeat} />
        </div>
      )}
      {consecutiveFailures > 0 && <div>{failuresInARow(consecutiveFailures)}</div>}
      {errorMessage !== undefined && <div>{errorMessage}</div>}
    </div>
  )
}

const failuresInARow = (count: number): string => (count === 1 ? '1 failure' : `${count} failures in a row`)
