import { DeleteOutlined, PlusOutlined, SwapOutlined } from "@ant-design/icons";
import { App, Button, Dropdown, Popover } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCatalogue, useCommand, useErrorText } from "../../api";
import { useMe } from "../../auth/useSession";
import { useServerNow } from "../../clock/useServerNow";
import { useFormat } from "../../i18n/useFormat";
import styles from "./Roster.module.css";
import { SwapDialog } from "./SwapDialog";
import {
  inCells,
  longTimes,
  type Pattern,
  patterns,
  type Seat,
  type Shift,
  shiftOn,
  shortTimes,
} from "./week";
import { Dialog, Refused } from "../../dialog";
import { ClockRangePicker } from "../../dates";

interface GridProps {
  days: readonly string[];
  today: string;
  shifts: readonly Shift[];
  seats: readonly Seat[];
  /** whether shifts can be entered and deleted */
  editable: boolean;
  onChanged: () => void;
}

/** People × days of one week. A press on a cell adds a shift, a press on a shift opens what can be done with it. */
export function RosterGrid({ days, today, shifts, seats, editable, onChanged }: GridProps) {
  const { t } = useTranslation("admin");
  const { label } = useCatalogue();
  const me = useMe();
  const [other, setOther] = useState<{ seat: Seat; day: string }>();
  const [swapping, setSwapping] = useState<Shift>();
  const cell = inCells(shifts);
  if (seats.length === 0) return <p className={styles.quiet}>{t("roster.empty")}</p>;
  return (
    <div className={styles.scroll}>
      <table className={styles.grid}>
        <caption className="visually-hidden">{t("roster.title")}</caption>
        <thead>
          <tr>
            <th scope="col">{t("roster.person")}</th>
            {days.map((day) => (
              <th key={day} scope="col" data-today={day === today}>
                <Day day={day} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {seats.map((seat) => (
            <tr key={seat.key} data-me={seat.userId === me.id}>
              <th scope="row">
                <strong>{seat.name}</strong>
                <span className={styles.quiet}>
                  {[label("roles", seat.role), ...seat.departments].join(" ")}
                </span>
              </th>
              {days.map((day) => (
                <td key={day} data-today={day === today}>
                  <div className={styles.cell}>
                    {cell(seat, day).map((shift) => (
                      <ShiftChip
                        key={shift.id}
                        of={shift}
                        editable={editable}
                        onChanged={onChanged}
                        onSwap={() => setSwapping(shift)}
                      />
                    ))}
                    {editable && day >= today && (
                      <Add
                        seat={seat}
                        day={day}
                        onChanged={onChanged}
                        onOther={() => setOther({ seat, day })}
                      />
                    )}
                  </div>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {other && (
        <OtherTimes
          key={`${other.seat.key} ${other.day}`}
          {...other}
          onClose={() => setOther(undefined)}
          onChanged={onChanged}
        />
      )}
      {swapping && (
        <SwapDialog
          key={swapping.id}
          shift={swapping}
          onClose={() => setSwapping(undefined)}
          onAsked={onChanged}
        />
      )}
    </div>
  );
}

/** The day of a column, in two short lines. */
function Day({ day }: { day: string }) {
  const format = useFormat();
  const now = useServerNow(60_000);
  const words = format.day(day, now).split(" ");
  return (
    <>
      <span className={styles.day}>{words.at(-1)}</span> <span>{words.slice(0, -1).join(" ")}</span>
    </>
  );
}

function bodyOf(seat: Seat, day: string, times: { from: string; to: string }) {
  return {
    userId: seat.userId,
    role: seat.role,
    ...shiftOn(day, times),
    ...(seat.departmentId ? { departmentId: seat.departmentId } : {}),
  };
}

/** The empty part of a cell: the usual shifts are two presses, other times a dialog. */
function Add({
  seat,
  day,
  onChanged,
  onOther,
}: {
  seat: Seat;
  day: string;
  onChanged: () => void;
  onOther: () => void;
}) {
  const { t } = useTranslation("admin");
  const format = useFormat();
  const { message } = App.useApp();
  const errorText = useErrorText();
  const create = useCommand("post", "/api/v1/duty-shifts", {
    onSuccess: onChanged,
    onError: (error) => void message.error(errorText(error)),
  });
  return (
    <Dropdown
      trigger={["click"]}
      menu={{
        items: [
          ...(Object.keys(patterns) as Pattern[]).map((key) => ({
            key,
            label: t(`roster.patterns.${key}`, patterns[key]),
            onClick: () => create.mutate({ body: bodyOf(seat, day, patterns[key]) }),
          })),
          { key: "other", label: t("roster.otherTimes"), onClick: onOther },
        ],
      }}
    >
      <Button
        type="text"
        className={styles.add}
        loading={create.isPending}
        icon={<PlusOutlined aria-hidden />}
        aria-haspopup="menu"
        aria-label={t("roster.addFor", { name: seat.name, day: format.day(day) })}
      />
    </Dropdown>
  );
}

/** A shift of any times on one day. */
function OtherTimes({
  seat,
  day,
  onClose,
  onChanged,
}: {
  seat: Seat;
  day: string;
  onClose: () => void;
  onChanged: () => void;
}) {
  const { t } = useTranslation(["admin", "common"]);
  const format = useFormat();
  const [times, setTimes] = useState<{ from: string; to: string }>();
  const create = useCommand("post", "/api/v1/duty-shifts", {
    onSuccess: () => {
      onClose();
      onChanged();
    },
  });
  return (
    <Dialog
      title={t("roster.addFor", { name: seat.name, day: format.day(day) })}
      onClose={onClose}
      act={t("roster.add")}
      busy={create.isPending}
      ready={Boolean(times)}
      error={create.error}
      onAct={() => times && create.mutate({ body: bodyOf(seat, day, times) })}
    >
      <ClockRangePicker aria-label={t("roster.time")} value={times} onChange={setTimes} />
      <span className={styles.quiet}>{t("roster.overnight")}</span>
    </Dialog>
  );
}

/** One shift; a press opens its times, whose it was, and what can be done with it. */
function ShiftChip({
  of,
  editable,
  onChanged,
  onSwap,
}: {
  of: Shift;
  editable: boolean;
  onChanged: () => void;
  onSwap: () => void;
}) {
  const { t } = useTranslation("admin");
  const format = useFormat();
  const me = useMe();
  const now = useServerNow(60_000);
  const [open, setOpen] = useState(false);
  const remove = useCommand("delete", "/api/v1/duty-shifts/{id}", {
    onSuccess: () => {
      setOpen(false);
      onChanged();
    },
  });
  const mine = of.userId === me.id;
  const future = Date.parse(of.startsAt) > now.getTime();
  const times = longTimes(format.clock(of.startsAt), format.clock(of.endsAt), (time) =>
    t("roster.nextDay", { time }),
  );
  return (
    <Popover
      trigger="click"
      open={open}
      onOpenChange={setOpen}
      content={
        <div className={styles.dialog}>
          <strong>
            {of.userName} {format.day(of.startsAt, now)} {times}
          </strong>
          {of.swappedFrom && (
            <span className={styles.quiet}>{t("roster.swappedFrom", { name: of.swappedFrom })}</span>
          )}
          {of.openSwapId && <span className={styles.quiet}>{t("roster.swapOpen")}</span>}
          <span className={styles.weeks}>
            {mine && future && !of.openSwapId && (
              <Button
                icon={<SwapOutlined aria-hidden />}
                onClick={() => {
                  setOpen(false);
                  onSwap();
                }}
              >
                {t("swaps.ask")}
              </Button>
            )}
            {editable && (
              <Button
                danger
                icon={<DeleteOutlined aria-hidden />}
                loading={remove.isPending}
                onClick={() => remove.mutate({ path: { id: of.id } })}
              >
                {t("roster.removeSure")}
              </Button>
            )}
          </span>
          <Refused error={remove.error} />
        </div>
      }
    >
      <button
        type="button"
        className={styles.shift}
        data-mine={mine}
        data-past={!future}
        aria-label={[of.userName, format.day(of.startsAt, now), times, of.openSwapId && t("roster.swapOpen")]
          .filter(Boolean)
          .join(" ")}
      >
        {shortTimes(format.clock(of.startsAt), format.clock(of.endsAt))}
        {of.openSwapId && <SwapOutlined aria-hidden />}
      </button>
    </Popover>
  );
}
