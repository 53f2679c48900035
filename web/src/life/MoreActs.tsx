import { EllipsisOutlined } from "@ant-design/icons";
import { Button, Dropdown, type MenuProps } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { type ApiError, type Consultation, hasCode, useCatalogue, useCommand } from "../api";
import { useCall } from "../call/useCall";
import type { ClaimNotice } from "../desk/queue/useClaim";
import { GiveOverDialog } from "./GiveOverDialog";
import { HandOverDialog } from "./HandOverDialog";
import { ReturnDialog } from "./ReturnDialog";
import { ScheduleDialog } from "./ScheduleDialog";
import { TerminateDialog } from "./TerminateDialog";
import { ReasonDialog } from "../dialog";

type Act = "giveOver" | "terminate" | "abort" | "giveBack" | "schedule" | "noShow" | "emergency";

/** What the doctor does more rarely with a consultation: each asks before, and only what is possible now is offered. */
export function MoreActs({ c, onLost }: { c: Consultation; onLost: (error: ApiError) => void }) {
  const { t } = useTranslation("life");
  const { choices } = useCatalogue();
  const navigate = useNavigate();
  const { leave } = useCall();
  const [open, setOpen] = useState<Act>();
  const close = () => setOpen(undefined);
  const lost = (error: Error) => {
    if (hasCode(error, "epoch_stale")) onLost(error);
  };
  const abort = useCommand("post", "/api/v1/consultations/{id}/abort", { onSuccess: close, onError: lost });
  const noShow = useCommand("post", "/api/v1/consultations/{id}/no-show", {
    onSuccess: () => gone(t("noShow.title")),
    onError: lost,
  });
  const gone = (text: string) => {
    leave();
    const notice: ClaimNotice = { kind: "caution", text };
    void navigate("/queue", { state: { notice } });
  };
  const may = (operation: string) => c.actions.includes(operation);
  const before = !["REPORT_PENDING", "TO_EMERGENCY", "TERMINATED_UNSUITABLE"].includes(c.state);
  const again = c.state === "SCHEDULED";
  const items = [
    may("terminateUnsuitable") && { key: "terminate", label: t("terminate.button"), danger: true },
    before && may("logEmergencyStep") && { key: "emergency", label: t("emergency.button"), danger: true },
    may("abortCall") && { key: "abort", label: t("abort.button") },
    may("returnRequest") && { key: "giveBack", label: t("giveBack.button") },
    may("offerHandOver") && { key: "giveOver", label: t("giveOver.button") },
    may("scheduleConsultation") && {
      key: "schedule",
      label: again ? t("schedule.again") : t("schedule.button"),
    },
    may("recordNoShow") && { key: "noShow", label: t("noShow.button") },
  ].filter((item): item is { key: Act; label: string; danger?: boolean } => item !== false);
  if (items.length === 0 && !open) return null;
  return (
    <>
      <Dropdown
        trigger={["click"]}
        placement="topRight"
        menu={{
          items: items as MenuProps["items"],
          onClick: ({ key }) => {
            abort.reset();
            noShow.reset();
            setOpen(key as Act);
          },
        }}
      >
        <Button icon={<EllipsisOutlined aria-hidden />} aria-haspopup="menu">
          {t("more")}
        </Button>
      </Dropdown>
      {open === "terminate" && <TerminateDialog c={c} onClose={close} onLost={onLost} />}
      {open === "emergency" && <HandOverDialog c={c} onClose={close} />}
      {open === "giveOver" && <GiveOverDialog c={c} onClose={close} onLost={onLost} />}
      {open === "giveBack" && <ReturnDialog of={c} onClose={close} onDone={() => gone(t("giveBack.done"))} />}
      {open === "schedule" && <ScheduleDialog c={c} onClose={close} onDone={close} onLost={onLost} />}
      {open === "abort" && (
        <ReasonDialog
          title={t("abort.title")}
          body={t("abort.body")}
          act={t("abort.confirm")}
          danger
          reasons={choices("abort_reason")}
          busy={abort.isPending}
          error={abort.error}
          onClose={close}
          onSend={({ reason, words: note }) =>
            abort.mutate({ path: { id: c.id }, body: { epoch: c.epoch, reason, ...(note ? { note } : {}) } })
          }
        />
      )}
      {open === "noShow" && (
        <ReasonDialog
          title={t("noShow.title")}
          body={t("noShow.body")}
          act={t("noShow.confirm")}
          danger
          reasons={choices("no_show_reason").filter(({ value }) => value !== "SLOT_PASSED")}
          busy={noShow.isPending}
          error={noShow.error}
          onClose={close}
          onSend={({ reason, words: note }) =>
            noShow.mutate({ path: { id: c.id }, body: { epoch: c.epoch, reason, ...(note ? { note } : {}) } })
          }
        />
      )}
    </>
  );
}
