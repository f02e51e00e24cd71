import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const megabyte = 1_000_000;

export type SmallDisk = {
  /** Leaves so much room, and at most a megabyte more. */
  fillUntil(megabytesLeft: number): void;
  makeRoom(): void;
  unmount(): void;
};

/** A disk of its own in memory, which only root can make; undefined where it cannot. */
export function mountSmallDisk(folder: string, megabytes: number): SmallDisk | undefined {
  mkdirSync(folder, { recursive: true });
  const options = ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder];
  if (spawnSync('/bin/mount', options).status !== 0) return undefined;
  const free = () => {
    const { bavail, bsize } = statfsSync(folder);
    return Math.floor((bavail * bsize) / megabyte);
  };
  return {
    fillUntil(left) {
      const bytes = Buffer.alloc(Math.max(0, free() - left) * megabyte);
      writeFileSync(join(folder, `fill-${free()}`), bytes);
    },
    makeRoom() {
      for (const name of readdirSync(folder)) {
        if (name.startsWith('fill-')) rmSync(join(folder, name));
      }
    },
    unmount: () => void spawnSync('/bin/umount', ['-l', folder]),
  };
}
