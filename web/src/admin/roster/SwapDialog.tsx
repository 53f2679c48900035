import { Input, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCommand, useRead } from "../../api";
import { useServerNow } from "../../clock/useServerNow";
import { useFormat } from "../../i18n/useFormat";
import { dayOf, instant, longTimes, plusDays, type Shift } from "./week";
import { Dialog } from "../../dialog";

/** For how many days ahead a colleague's shifts can be taken in exchange. */
const ahead = 28;

/** Asks a colleague, or everybody of the department, to take a shift; with a colleague also in exchange for one of theirs. */
export function SwapDialog({
  shift,
  onClose,
  onAsked,
}: {
  shift: Shift;
  onClose: () => void;
  onAsked: () => void;
}) {
  const { t } = useTranslation(["admin", "common"]);
  const format = useFormat();
  const now = useServerNow(60_000);
  const [to, setTo] = useState<string>();
  const [exchange, setExchange] = useState<string>();
  const [note, setNote] = useState("");
  const colleagues = useRead("/api/v1/duty-shifts/{id}/colleagues", { path: { id: shift.id } });
  const [from] = useState(() => dayOf(now));
  const shifts = useRead("/api/v1/duty-shifts", {
    query: { from: instant(from, "00:00"), to: instant(plusDays(from, ahead), "00:00") },
  });
  const theirs = (shifts.data ?? []).filter(
    (s) =>
      s.userId === to &&
      s.role === shift.role &&
      s.departmentId === shift.departmentId &&
      !s.openSwapId &&
      Date.parse(s.startsAt) > now.getTime(),
  );
  const ask = useCommand("post", "/api/v1/duty-swaps", {
    onSuccess: () => {
      onClose();
      onAsked();
    },
  });
  const timesOf = (s: Shift) =>
    `${format.day(s.startsAt, now)} ${longTimes(format.clock(s.startsAt), format.clock(s.endsAt), (time) => t("roster.nextDay", { time }))}`;
  const said = note.trim();
  return (
    <Dialog
      title={t("swaps.askFor", { shift: timesOf(shift) })}
      onClose={onClose}
      act={t("swaps.send")}
      busy={ask.isPending}
      error={ask.error}
      onAct={() =>
        ask.mutate({
          body: {
            shiftId: shift.id,
            ...(to ? { toUserId: to } : {}),
            ...(to && exchange ? { exchangeShiftId: exchange } : {}),
            ...(said ? { note: said } : {}),
          },
        })
      }
    >
      <label htmlFor="swap-to">{t("swaps.whom")}</label>
      <Select
        id="swap-to"
        value={to ?? ""}
        loading={colleagues.isPending}
        options={[
          { value: "", label: t("swaps.everybody") },
          ...(colleagues.data ?? []).map((c) => ({
            value: c.id,
            label: c.free ? c.name : t("swaps.notFree", { name: c.name }),
          })),
        ]}
        onChange={(value) => {
          setTo(value || undefined);
          setExchange(undefined);
        }}
      />
      {to && (
        <>
          <label htmlFor="swap-exchange">{t("swaps.exchange")}</label>
          <Select
            id="swap-exchange"
            value={exchange ?? ""}
            options={[
              { value: "", label: t("swaps.noExchange") },
              ...theirs.map((s) => ({ value: s.id, label: timesOf(s) })),
            ]}
            onChange={(value) => setExchange(value || undefined)}
          />
        </>
      )}
      <label htmlFor="swap-note">{t("swaps.note")}</label>
      <Input.TextArea
        id="swap-note"
        value={note}
        maxLength={200}
        autoSize={{ minRows: 2, maxRows: 4 }}
        onChange={(event) => setNote(event.target.value)}
      />
    </Dialog>
  );
}
