import assert from 'node:assert/strict';
import { Lanes } from '../../../src/federation/lanes/lanes.ts';
import { createRegistryView, type RegistryView } from '../../../src/federation/registry/registry-view.ts';
import { testAlliance } from '../alliance.ts';

describe('lanes', () => {
  let view: RegistryView;
  let now = 1e12;
  const lanes = (): Lanes => new Lanes(() => new Date(now));
  before(async () => {
    ({ view } = await testAlliance());
  });

  it('notice members whose authority or certificates a new registry has changed, and no others', () => {
    const some = lanes();
    assert.deepEqual(some.moved(view), []);
    const members = view.body.members.map((member) =>
      member.id === 'bank-b'
        ? { ...member, gateways: [{ ...member.gateways[0]!, authority: 'elsewhere.example:8443' }] }
        : member,
    );
    const next = createRegistryView({
      body: { ...view.body, serial: view.serial + 1, members },
      sha256: 'x',
    });
    assert.deepEqual(some.moved(next), ['bank-b']);
    assert.deepEqual(some.moved(next), []);
  });

  it('wake only a peer whose circuit is open, and tell the state of each', () => {
    const some = lanes();
    assert.equal(some.wake('bank-b'), false);
    const { circuit } = some.of('bank-b');
    some.of('bank-c');
    assert.equal(some.wake('bank-b'), false);
    for (let failure = 0; failure < 5; failure += 1) circuit.failed(new Date(now), 'x.y');
    now += 1500;
    circuit.failed(new Date(now), 'x.y');
    now += 1100;
    assert.equal(circuit.allowance(new Date(now), 4), 0);
    assert.equal(some.wake('bank-b'), true);
    assert.equal(circuit.allowance(new Date(now), 4), 1);
    assert.deepEqual(
      some.circuits().map(({ peer, state }) => [peer, state]),
      [
        ['bank-b', 'half-open'],
        ['bank-c', 'closed'],
      ],
    );
  });
});
