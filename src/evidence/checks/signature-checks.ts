/** The signatures: good CMS over the manifest, by registered people of the sender, each in the role the packet gives. */
import { seconds } from '../../core/clock.ts';
import { isGatewayError } from '../../core/errors.ts';
import type { CertificateThumbprint } from '../../core/ids.ts';
import { validAt, type RegisteredSigner } from '../../federation/registry/registry-view.ts';
import { verifyDetached, type SignerCheck } from '../../pki/cms.ts';
import { MANIFEST, PACKET, SIGNATURE } from '../container/names.ts';
import type { CodedFault } from '../container/fault.ts';
import type { Packet, Signatory } from '../packet-types.ts';
import type { BundleContents } from './bundle-contents.ts';
import type { CheckList } from './check-list.ts';
import { teamFaults } from './required-team.ts';

export interface RegistryTrust {
  /** PEM of the CAs that the registry names. */
  readonly cas: readonly string[];
  signer(x5t: CertificateThumbprint): RegisteredSigner | undefined;
}

interface Question {
  readonly contents: BundleContents;
  readonly packet: Packet;
  readonly registry: RegistryTrust;
}

const CODES: Readonly<Record<NonNullable<SignerCheck['reason']>, string>> = {
  form: 'E-SIG-FORM',
  content: 'E-SIG-INVALID',
  binding: 'E-SIG-INVALID',
  signature: 'E-SIG-INVALID',
  chain: 'E-SIG-CHAIN',
  validity: 'E-SIG-VALIDITY',
  usage: 'E-SIG-CERTIFICATE',
};
const PERSON_URI = /^urn:lianzheng:[^:]+:([^:]+):person:([^:]+)$/;

export async function checkSignatures(question: Question, list: CheckList): Promise<void> {
  const { contents, packet } = question;
  const checked = await verifySigners(question);
  const faults = [...checked.faults, ...peopleFaults(question, checked.signers)];
  list.family('E-SIG', 'the signatures over the manifest verify up to a CA of the registry', faults);
  if (faults.length > 0) return;
  for (const signatory of packet.signatories) {
    const at = checked.signers.find(({ x5t }) => x5t === signatory.x5t)?.signingTime?.toISOString() ?? '';
    list.rule(
      'E-SIG-ROLE',
      `${signatory.role} ${signatory.name} signed at ${at}, registered in that role`,
      [],
    );
  }
  list.rule('E-SIG-PERSON', `all signatories of ${contents.bag} are different people and have signed`, []);
}

/** Every SignerInfo by itself. */
async function verifySigners({
  contents,
  registry,
}: Question): Promise<{ signers: readonly SignerCheck[]; faults: CodedFault[] }> {
  const cms = contents.files.get(SIGNATURE)?.content ?? Buffer.alloc(0);
  const manifest = contents.files.get(MANIFEST)?.content ?? Buffer.alloc(0);
  try {
    const signers = await verifyDetached(cms, manifest, registry.cas);
    const faults = signers.flatMap(({ ok, reason, problem, subject }) =>
      ok ? [] : [fault(CODES[reason ?? 'signature'], `${subject}: ${problem ?? 'does not verify'}`)],
    );
    return { signers, faults: signers.length > 0 ? faults : [fault('E-SIG-FORM', 'there is no signature')] };
  } catch (error) {
    if (!isGatewayError(error)) throw error;
    return { signers: [], faults: [fault('E-SIG-FORM', error.message)] };
  }
}

/** The people as a whole: the packet names them, all signed, nobody else, nobody twice. */
function peopleFaults(
  { contents, packet, registry }: Question,
  signers: readonly SignerCheck[],
): CodedFault[] {
  const path = `${contents.bag}/${PACKET}`;
  const team = teamFaults(packet.packetType, packet.signatories).map((message) => ({
    code: 'E-SIG-ROLE',
    message,
    path,
  }));
  const strangers = signers
    .filter(({ x5t }) => !packet.signatories.some((signatory) => signatory.x5t === x5t))
    .map(({ subject }) => fault('E-SIG-STRANGER', `${subject} signed but is no signatory of the packet`));
  const persons = packet.signatories.flatMap((signatory) => {
    const signer = signers.find(({ x5t }) => x5t === signatory.x5t);
    if (signer === undefined)
      return [fault('E-SIG-MISSING', `${signatory.role} ${signatory.name} has not signed`)];
    return signatoryFaults(signatory, signer, { member: packet.sender.member, registry });
  });
  return [...team, ...strangers, ...persons, ...samePerson(signers)];
}

function signatoryFaults(
  signatory: Signatory,
  signer: SignerCheck,
  { member, registry }: { readonly member: string; readonly registry: RegistryTrust },
): CodedFault[] {
  const registered = registry.signer(signatory.x5t);
  const who = `${signatory.role} ${signatory.name}`;
  if (registered?.member !== member)
    return [fault('E-SIG-UNREGISTERED', `${who} is not registered for ${member}`)];
  if (!registered.roles.includes(signatory.role)) {
    return [fault('E-SIG-ROLE', `${who} is registered as ${registered.roles.join(', ') || 'nothing'}`)];
  }
  if (signer.signingTime === undefined || !validAt(registered, seconds(signer.signingTime))) {
    return [fault('E-SIG-VALIDITY', `${who} was not, or no longer, registered at the signing time`)];
  }
  const [, organisation] = PERSON_URI.exec(signer.uri ?? '') ?? [];
  if (organisation !== member) {
    return [
      fault(
        'E-SIG-CERTIFICATE',
        `${who}: the certificate names ${signer.uri ?? 'no person'}, not of ${member}`,
      ),
    ];
  }
  return [];
}

/** One person may have two certificates; the name in them is what tells people apart. */
function samePerson(signers: readonly SignerCheck[]): CodedFault[] {
  const uris = signers.map(({ uri }) => uri);
  return signers
    .filter(({ uri }, index) => uri !== undefined && uris.indexOf(uri) < index)
    .map(({ uri }) => fault('E-SIG-PERSON', `${uri ?? ''} signed twice`));
}

function fault(code: string, message: string): CodedFault {
  return { code, message, path: SIGNATURE };
}
