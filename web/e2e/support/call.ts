import { expect, type Page } from "@playwright/test";
import type { DebugSummary } from "../../src/call/media/stats";
import type { Client } from "./Client";
import { claim, newRequest } from "./consultations";
import { patience } from "./settings";
import type { Open, OpenOptions, Person } from "./test";

/** What the page's connection to the relay does now; undefined while it has none. */
export function stats(page: Page): Promise<DebugSummary | undefined> {
  return page.evaluate(() => window.__call?.stats());
}

/** The connection's id at the relay, which changes with each rejoin. */
export function connection(page: Page): Promise<string | undefined> {
  return page.evaluate(() => window.__call?.connection);
}

/**
 * That pictures are decoded and sound is heard from now on. The energy of the sound rises only while it is played, and by
 * silence not at all.
 */
export async function expectMedia(page: Page, who: string): Promise<DebugSummary> {
  let before: DebugSummary | undefined;
  let now: DebugSummary | undefined;
  await expect
    .poll(
      async () => {
        now = await stats(page);
        // A new connection counts from nothing.
        if (!before || (now && now.bytesIn < before.bytesIn)) before = now;
        if (!now || !before) return "no connection";
        const pictures = now.framesDecoded - before.framesDecoded;
        const sound = now.audioEnergy - before.audioEnergy;
        return pictures >= 5 && sound > 0.001 ? "seen and heard" : `${pictures} pictures, ${sound} of sound`;
      },
      { message: `${who} sees and hears the other side`, timeout: 2 * patience, intervals: [300] },
    )
    .toBe("seen and heard");
  if (!now) throw new Error("no connection");
  return now;
}

/** Both see and hear each other again; says how long that took, s. */
export async function bothBack(nurse: Person, doctor: Person, what: string): Promise<number> {
  const began = Date.now();
  await Promise.all([
    expectMedia(nurse.page, `nurse after ${what}`),
    expectMedia(doctor.page, `doctor after ${what}`),
  ]);
  const took = (Date.now() - began) / 1000;
  process.stdout.write(`${what}: both see and hear each other after ${took.toFixed(1)} s\n`);
  return took;
}

/** The share of red, green and blue in the middle of what the page shows large, 0 to 255. */
export function largePicture(page: Page): Promise<number[]> {
  return page.evaluate(() => {
    const largest = [...document.querySelectorAll("video")].toSorted(
      (a, b) => b.clientWidth * b.clientHeight - a.clientWidth * a.clientHeight,
    )[0];
    if (!largest) return [];
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 1;
    const pen = canvas.getContext("2d");
    // The upper left of the picture, which shows the person's colour alone.
    pen?.drawImage(largest, 4, 30, 16, 16, 0, 0, 1, 1);
    return [...(pen?.getImageData(0, 0, 1, 1).data.slice(0, 3) ?? [])];
  });
}

export interface RunningCall {
  /** of the consultation */
  id: string;
  nurse: Person;
  doctor: Person;
}

/** A call of two in which both see and hear: asked for and answered by the contract, held in two browser windows. */
export async function startCall(
  open: Open,
  nurseApi: Client,
  doctorApi: Client,
  options: OpenOptions = {},
): Promise<RunningCall> {
  const { id } = await newRequest(nurseApi, { of: doctorApi });
  await claim(doctorApi, id);
  const doctor = await open(doctorApi.username, { ...options, path: `/work/${id}` });
  const nurse = await open(nurseApi.username, { ...options, path: `/ward/requests/${id}/call` });
  await expectMedia(nurse.page, "nurse");
  await expectMedia(doctor.page, "doctor");
  return { id, nurse, doctor };
}
