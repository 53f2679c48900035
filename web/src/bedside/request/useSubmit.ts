import { useState } from "react";
import { useNavigate } from "react-router";
import { useServices } from "../../app/services";
import { type Consultation, type Urgency, useCommand } from "../../api";

/**
 * 呼叫医生: puts the request into the queue and goes to the waiting page, which replaces the draft. While nobody answers the call is
 * kept on the tablet, and goes out by itself with the time at which it was made.
 */
export function useSubmit(c: Pick<Consultation, "id" | "resident">, onSubmitted?: () => void) {
  const navigate = useNavigate();
  const { offline, clock, connectivity } = useServices();
  const [failed, setFailed] = useState<unknown>(null);
  const command = useCommand("post", "/api/v1/consultations/{id}/submit", {
    onSuccess: () => {
      onSubmitted?.();
      void navigate(`/ward/requests/${c.id}`, { replace: true });
    },
  });
  return {
    isPending: command.isPending,
    error: command.error ?? failed,
    /** `reason` when the urgency is below the proposed one */
    submit: (
      urgency: Urgency,
      reason?: string,
      departmentId?: string,
      serviceType?: string,
      mode?: "ONLINE" | "WRITTEN",
    ) => {
      const body = {
        urgency,
        ...(reason ? { urgencyReason: reason } : {}),
        ...(departmentId ? { departmentId } : {}),
        ...(serviceType ? { serviceType } : {}),
        ...(mode ? { mode } : {}),
      };
      if (connectivity.state.reach === "ok") {
        command.mutate({ path: { id: c.id }, body });
        return;
      }
      const at = new Date(clock.now()).toISOString();
      setFailed(null);
      offline
        .act({
          kind: "SUBMIT",
          about: { kind: "request", id: c.id },
          who: c.resident.name,
          at,
          body: { ...body, askedAt: at },
        })
        .catch(setFailed);
    },
  };
}
