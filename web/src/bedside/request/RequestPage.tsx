import { useTranslation } from "react-i18next";
import { useParams } from "react-router";
import { type Consultation, useRead } from "../../api";
import { Loaded } from "../../app/Loaded";
import { AfterCall } from "../after/AfterCall";
import { Waiting } from "../waiting/Waiting";
import { Draft } from "./Draft";
import { progressOf } from "./progress";
import { RequestFrame } from "./RequestFrame";

/** One request, from the draft to the advice that was carried out: the state decides what is shown. */
function RequestPage() {
  const { id = "" } = useParams();
  const { t } = useTranslation("bedside");
  const request = useRead("/api/v1/consultations/{id}", { path: { id } });
  const title = request.data ? t(`request.title.${progressOf(request.data.state)}`) : t("request.loading");
  return (
    <RequestFrame title={title}>
      {/* keyed, so that nothing of one request lives on in the next */}
      <Loaded query={request}>{(c) => <Shown key={c.id} c={c} />}</Loaded>
    </RequestFrame>
  );
}
export { RequestPage as Component };

function Shown({ c }: { c: Consultation }) {
  const progress = progressOf(c.state);
  if (progress === "draft") return <Draft c={c} />;
  if (progress !== "after" && progress !== "closed") return <Waiting c={c} />;
  return <AfterCall c={c} />;
}
