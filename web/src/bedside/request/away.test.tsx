import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it, vi } from "vitest";
import type { NewAct } from "../../offline/acts";
import { emptyDevice } from "../../testing/fakes";
import { FakeWard } from "../../testing/FakeWard";
import { renderWard } from "../../testing/renderWard";

afterEach(() => vi.restoreAllMocks());

/** The ward with a tablet that has lost its network; the ward's cards were kept. */
function away(acts: NewAct[]) {
  vi.spyOn(navigator, "onLine", "get").mockReturnValue(false);
  const ward = new FakeWard();
  const { card } = ward.resident("02");
  const shown = renderWard(ward, `/ward/residents/${card.id}/request`, { device: emptyDevice(acts) });
  return { ward, card, ...shown };
}

it("keeps a whole request with its time, and sends nothing", async () => {
  const acts: NewAct[] = [];
  const { ward, card } = away(acts);
  const user = userEvent.setup();
  await user.click(await screen.findByRole("button", { name: /跌倒/ }));
  await user.type(screen.getByRole("spinbutton", { name: /脉搏/ }), "96");
  await user.click(screen.getByRole("button", { name: /保存，恢复网络后呼叫/ }));
  await waitFor(() => expect(acts).toHaveLength(3));
  const [request, vitals, submit] = acts;
  expect(request).toMatchObject({ kind: "REQUEST", body: { residentId: card.id, reasons: ["FALL"] } });
  expect(vitals).toMatchObject({ kind: "VITALS", body: { readings: [{ code: "PULSE", value: 96 }] } });
  expect(submit).toMatchObject({ kind: "SUBMIT" });
  if (submit?.kind !== "SUBMIT") throw new Error("no call");
  expect(submit.body.askedAt, "with its own time").toBe(submit.at);
  expect(submit.at?.slice(0, 16), "on the server's clock").toBe(ward.meta.serverTime.slice(0, 16));
  expect(new Set(acts.map((act) => act.about.id)).size, "all about one request").toBe(1);
  expect(ward.asked("POST", /consultations/)).toEqual([]);
});

it("says to telephone 120 at once when life is in danger, and lets nobody make it less urgent", async () => {
  away([]);
  const user = userEvent.setup();
  await user.click(await screen.findByRole("button", { name: /胸/ }));
  expect(screen.queryByRole("link", { name: /120/ })).toBeNull();
  const [sign] = screen.getAllByRole("button", { name: /胸痛/ });
  if (!sign) throw new Error("no sign of danger");
  await user.click(sign);
  expect(await screen.findByRole("link", { name: /120/ })).toHaveProperty("href", "tel:120");
  expect(screen.getByRole("radio", { name: /普通/ })).toHaveProperty("disabled", true);
});
