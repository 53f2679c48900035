import { useNavigate } from "react-router";
import { type Consultation, type Urgency, useCommand } from "../../api";

/** 呼叫医生: puts the request into the queue and goes to the waiting page, which replaces the draft. */
export function useSubmit(c: Pick<Consultation, "id">, onSubmitted?: () => void) {
  const navigate = useNavigate();
  const command = useCommand("post", "/api/v1/consultations/{id}/submit", {
    onSuccess: () => {
      onSubmitted?.();
      void navigate(`/ward/requests/${c.id}`, { replace: true });
    },
  });
  return {
    isPending: command.isPending,
    error: command.error,
    /** `reason` when the urgency is below the proposed one */
    submit: (
      urgency: Urgency,
      reason?: string,
      departmentId?: string,
      serviceType?: string,
      mode?: "ONLINE" | "WRITTEN",
    ) =>
      command.mutate({
        path: { id: c.id },
        body: {
          urgency,
          ...(reason ? { urgencyReason: reason } : {}),
          ...(departmentId ? { departmentId } : {}),
          ...(serviceType ? { serviceType } : {}),
          ...(mode ? { mode } : {}),
        },
      }),
  };
}
