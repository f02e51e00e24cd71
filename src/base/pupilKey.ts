import type { Upn } from './upn.ts';

/**
 * What a child is called in the warehouse: SipHash-2-4 (Aumasson and Bernstein, 2012) of the UPN under the installation’s
 * own 16 bytes. Who has the rows and not those bytes cannot tell whose they are, nor try all UPNs. The engine’s
 * `sipHash64Keyed((k0, k1), upn)` gives the same.
 */
export function pupilKey(upn: Upn, secret: Uint8Array): bigint {
  if (secret.length !== 16) throw new TypeError('a pupil key is made with 16 secret bytes');
  const [k0, k1] = wordsOf(secret) as [bigint, bigint];
  const text = Buffer.from(upn, 'latin1');
  const state: State = [
    k0 ^ 0x736f6d6570736575n,
    k1 ^ 0x646f72616e646f6dn,
    k0 ^ 0x6c7967656e657261n,
    k1 ^ 0x7465646279746573n,
  ];
  for (const word of wordsOf(padded(text))) {
    state[3] ^= word;
    mix(state, 2);
    state[0] ^= word;
  }
  state[2] ^= 0xffn;
  mix(state, 4);
  return state[0] ^ state[1] ^ state[2] ^ state[3];
}

type State = [bigint, bigint, bigint, bigint];

/** To whole words of eight bytes, the last byte being the length. */
function padded(text: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(8 * (Math.floor(text.length / 8) + 1));
  bytes.set(text);
  bytes[bytes.length - 1] = text.length & 0xff;
  return bytes;
}

function wordsOf(bytes: Uint8Array): bigint[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length / 8 }, (_, at) => view.getBigUint64(8 * at, true));
}

const word = 0xffff_ffff_ffff_ffffn;
const turn = (value: bigint, by: bigint) => ((value << by) | (value >> (64n - by))) & word;

function mix(state: State, rounds: number): void {
  let [v0, v1, v2, v3] = state;
  for (let round = 0; round < rounds; round++) {
    v0 = (v0 + v1) & word;
    v1 = turn(v1, 13n) ^ v0;
    v0 = turn(v0, 32n);
    v2 = (v2 + v3) & word;
    v3 = turn(v3, 16n) ^ v2;
    v0 = (v0 + v3) & word;
    v3 = turn(v3, 21n) ^ v0;
    v2 = (v2 + v1) & word;
    v1 = turn(v1, 17n) ^ v2;
    v2 = turn(v2, 32n);
  }
  state.splice(0, 4, v0, v1, v2, v3);
}
