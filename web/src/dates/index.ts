export { ClockRangePicker, DayPicker, DayRangePicker, MomentPicker } from "./Pickers";
export { useToday } from "./useToday";
export { dayAfter, dayOf } from "./wall";
