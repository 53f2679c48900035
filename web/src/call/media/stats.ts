/** One look at a connection's counters. Counters only grow; shares are made from two looks. */
export interface Sample {
  /** ms */
  at: number;
  /** packets that arrived on the transport, of any kind */
  packets: number;
  bytesIn: number;
  bytesOut: number;
  received: number;
  lost: number;
  framesDecoded: number;
  /** ms in which a picture stood still */
  frozen: number;
  /** ms, absent before the first check */
  rtt?: number;
  /** share (0–1) of our packets that did not arrive, by the relay's newest report */
  outLoss?: number;
}

/** What an end-to-end test may look at. */
export interface DebugSummary {
  framesDecoded: number;
  framesSent: number;
  audioEnergy: number;
  audioPackets: number;
  srtpCipher: string | undefined;
  dtlsCipher: string | undefined;
  dtlsState: string | undefined;
  pair:
    | { protocol: string; local: string; remote: string; remotePort: number; rtt: number | undefined }
    | undefined;
  bytesIn: number;
  bytesOut: number;
}

// The DOM's types name only some members of the reports.
type Stat = Record<string, string | number | boolean | undefined> & { id: string; type: string };

function all(report: RTCStatsReport): Stat[] {
  const list: Stat[] = [];
  report.forEach((stat: Stat) => list.push(stat));
  return list;
}

const number = (value: unknown): number => (typeof value === "number" ? value : 0);
const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

/** The pair of addresses in use. Firefox names no transport, therefore the nominated pair counts as well. */
function selectedPair(stats: Stat[]): Stat | undefined {
  const transport = stats.find((s) => s.type === "transport");
  const chosen = transport && stats.find((s) => s.id === transport.selectedCandidatePairId);
  return (
    chosen ??
    stats.find((s) => s.type === "candidate-pair" && s.nominated === true && s.state === "succeeded")
  );
}

export function readSample(report: RTCStatsReport, at: number): Sample {
  const stats = all(report);
  const sample: Sample = {
    at,
    packets: 0,
    bytesIn: 0,
    bytesOut: 0,
    received: 0,
    lost: 0,
    framesDecoded: 0,
    frozen: 0,
  };
  for (const s of stats) {
    if (s.type === "inbound-rtp") {
      sample.received += number(s.packetsReceived);
      sample.lost += Math.max(0, number(s.packetsLost));
      sample.framesDecoded += number(s.framesDecoded);
      sample.frozen += number(s.totalFreezesDuration) * 1000;
    } else if (s.type === "remote-inbound-rtp" && s.fractionLost !== undefined) {
      sample.outLoss = Math.max(sample.outLoss ?? 0, number(s.fractionLost));
    }
  }
  const pair = selectedPair(stats);
  const transport = stats.find((s) => s.type === "transport");
  // Answers to the browser's own checks are signs of life, too, in a call where nobody says anything.
  sample.packets =
    (number(transport?.packetsReceived ?? pair?.packetsReceived) || sample.received) +
    number(pair?.responsesReceived);
  sample.bytesIn = number(transport?.bytesReceived ?? pair?.bytesReceived);
  sample.bytesOut = number(transport?.bytesSent ?? pair?.bytesSent);
  if (pair?.currentRoundTripTime !== undefined) sample.rtt = number(pair.currentRoundTripTime) * 1000;
  return sample;
}

export function readDebug(report: RTCStatsReport): DebugSummary {
  const stats = all(report);
  const sum = (type: string, field: string, kind?: string) =>
    stats
      .filter((s) => s.type === type && (!kind || s.kind === kind))
      .reduce((n, s) => n + number(s[field]), 0);
  const transport = stats.find((s) => s.type === "transport");
  const pair = selectedPair(stats);
  const candidate = (id: unknown) => stats.find((s) => s.id === id);
  const local = candidate(pair?.localCandidateId);
  const remote = candidate(pair?.remoteCandidateId);
  const sample = readSample(report, 0);
  return {
    framesDecoded: sum("inbound-rtp", "framesDecoded", "video"),
    framesSent: sum("outbound-rtp", "framesSent", "video"),
    audioEnergy: sum("inbound-rtp", "totalAudioEnergy", "audio"),
    audioPackets: sum("inbound-rtp", "packetsReceived", "audio"),
    srtpCipher: text(transport?.srtpCipher),
    dtlsCipher: text(transport?.dtlsCipher),
    dtlsState: text(transport?.dtlsState),
    pair: pair && {
      protocol: text(local?.protocol) ?? "",
      local: text(local?.candidateType) ?? "",
      remote: text(remote?.candidateType) ?? "",
      remotePort: number(remote?.port),
      rtt: sample.rtt,
    },
    bytesIn: sample.bytesIn,
    bytesOut: sample.bytesOut,
  };
}
