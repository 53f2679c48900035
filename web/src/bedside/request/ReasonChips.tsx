import {
  AimOutlined,
  AlertOutlined,
  BulbOutlined,
  CoffeeOutlined,
  DashboardOutlined,
  EllipsisOutlined,
  FallOutlined,
  HeartOutlined,
  MedicineBoxOutlined,
  CloudOutlined,
} from "@ant-design/icons";
import { Skeleton } from "antd";
import type { ComponentType } from "react";
import { useTranslation } from "react-i18next";
import { type Schemas, useCatalogue } from "../../api";
import { Choice, Choices } from "../parts/Choice";

const icons: Record<string, ComponentType> = {
  CHEST: HeartOutlined,
  BREATH: CloudOutlined,
  FALL: FallOutlined,
  SKIN: MedicineBoxOutlined,
  CONFUSION: BulbOutlined,
  PAIN: AimOutlined,
  STOMACH: CoffeeOutlined,
  BP_SUGAR: DashboardOutlined,
  OTHER: EllipsisOutlined,
};

/** The nine reasons. */
export function ReasonChips({
  reasons,
  chosen,
  disabled,
  onToggle,
}: {
  reasons: Schemas["ReasonTerm"][] | undefined;
  chosen: readonly string[];
  disabled?: boolean;
  onToggle: (code: string) => void;
}) {
  const { t } = useTranslation("bedside");
  const { label } = useCatalogue();
  if (!reasons) return <Skeleton active paragraph={{ rows: 6 }} />;
  return (
    <Choices label={t("reason.question")} columns="three">
      {reasons.map(({ code }) => {
        const Icon = icons[code] ?? AlertOutlined;
        return (
          <Choice
            key={code}
            chosen={chosen.includes(code)}
            disabled={disabled ?? false}
            icon={<Icon />}
            onClick={() => onToggle(code)}
          >
            {label("reasons", code)}
          </Choice>
        );
      })}
    </Choices>
  );
}
