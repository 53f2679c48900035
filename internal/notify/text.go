package notify

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/lianzhen-health/lianzhen/internal/consult"
)

// text is what SMS and group robots say. It is made from codes and, of an appointment, time and place in general words; it can therefore name no
// resident, bed, institution or illness.
type text struct {
	codes      *consult.Codes // what a department is called; nil: as the program has it
	event      Event
	urgency    consult.Urgency
	department string // code of the department, "" when none is named
	subject    uuid.UUID
	round      int32
	at         *time.Time // of an appointment, with its place
	place      string
	family     bool   // to a family: other words, and a link of their own
	token      string // its secret part, "" when there is no link
}

// in writes the text in a locale ("en…" is English, everything else Chinese), with a link when the installation has a public
// address.
func (t text) in(locale string, public *url.URL) string {
	event := t.event
	if event == Ring && t.urgency == consult.Critical {
		event = CriticalPage // one alert under two names
	}
	lang, sentence := consult.ZH, chinese(event)
	if strings.HasPrefix(locale, "en") {
		lang, sentence = consult.EN, english(event)
	}
	if t.family {
		sentence = familyWords(event, lang)
	}
	if event.ofAppointment() {
		sentence = strings.NewReplacer("{when}", whenWords(t.at, lang), "{place}", placeWords(t.place, lang)).Replace(sentence)
	}
	var b strings.Builder
	if lang == consult.ZH {
		b.WriteString("【联诊】")
	} else {
		b.WriteString("[Lianzhen] ")
	}
	if t.round > 0 {
		if lang == consult.ZH {
			b.WriteString("第" + strconv.Itoa(int(t.round)+1) + "次提醒：")
		} else {
			b.WriteString("Reminder " + strconv.Itoa(int(t.round)) + ": ")
		}
	}
	urgency := string(t.urgency)
	if urgency != "" {
		urgency = consult.Label(consult.VocabUrgency, urgency, lang)
	}
	b.WriteString(strings.ReplaceAll(sentence, "{urgency}", urgency))
	if d, ok := t.codes.Department(t.department); ok {
		if lang == consult.ZH {
			b.WriteString("科室：" + d.ZH + "。")
		} else {
			b.WriteString(" Department: " + d.Label(lang) + ".")
		}
	}
	switch {
	case public == nil:
	case !t.family:
		b.WriteString(" " + public.JoinPath(t.page()).String())
	case t.token != "": // in the fragment, which no server and no log sees
		b.WriteString(" " + public.JoinPath("/f").String() + "#" + t.token)
	}
	return b.String()
}

// codeText is the message with a code by which somebody confirms a consent. It names neither resident nor institution.
func codeText(locale, code string, minutes int) string {
	if strings.HasPrefix(locale, "en") {
		return "[Lianzhen] Your code for the consent to a remote consultation: " + code + ". Valid for " + strconv.Itoa(minutes) +
			" minutes. Tell it to the nurse only after the consent was explained to you."
	}
	return "【联诊】远程医疗知情同意验证码：" + code + "，" + strconv.Itoa(minutes) + "分钟内有效。请在护士向您说明知情同意书内容后再告知验证码。"
}

func chinese(e Event) string {
	switch e {
	case Ring:
		return "{urgency}会诊请求正在等待医生，请打开联诊接诊。"
	case CriticalPage:
		return "{urgency}会诊请求，需要立即接诊，请马上打开联诊。"
	case DispatcherAlert:
		return "{urgency}会诊请求无人接诊，请调度员处理。"
	case NoDispatcher:
		return "{urgency}会诊请求无人接诊，被请医院没有调度员，请联系医院处理。"
	case Assigned:
		return "调度员把一个{urgency}会诊请求指派给您，请打开联诊。"
	case Answered:
		return "医生已接下您发起的会诊请求。"
	case ReportReady:
		return "有一份会诊意见等待您采纳。"
	case Returned:
		return "您发起的{urgency}会诊请求被退回补充，请打开联诊查看缺什么。"
	case Terminated:
		return "会诊已终止，需要到线下就诊，请打开联诊查看去向和时限。"
	case HandOver:
		return "有同事请您接手一个{urgency}会诊，请打开联诊答复。"
	case SwapRequest:
		return "有同事请您代班，请打开联诊答复。"
	case SwapAnswer:
		return "您的换班申请有了答复。"
	case BreakGlass:
		return "有人以紧急查阅打开了本机构的一份记录，请审查。"
	case VisitAlarm:
		return "上门人员求助或超时未返回，请立即打开联诊处理。"
	case AppointmentReminder:
		return "提醒：{when}有一次预约（{place}），请打开联诊查看并确认。"
	case AppointmentMoved:
		return "原先提醒过的一次预约有变动，现为{when}（{place}），请打开联诊查看。"
	case AppointmentCancelled:
		return "原先提醒过的{when}的预约（{place}）已取消。"
	case FamilyAnswer:
		return "家属对一次预约有答复，需要您处理，请打开联诊查看。"
	case FamilyRequest:
		return "有家属申请上门服务，请打开联诊评估。"
	case Expiry:
		return "有执业许可或合作协议即将到期或已到期，请打开联诊查看并及时续办。"
	case ContractEnding:
		return "您团队的一份家庭医生签约协议即将到期，请联系续签。"
	case FactorReset:
		return "管理员重置了您的二次验证，请登录联诊重新设置；如非您本人要求，请立即联系管理员。"
	case DeadlineSoon:
		return "您负责的一项报送或整改临近期限，请打开联诊查看。"
	case DeadlineOverdue:
		return "您负责的一项报送或整改已过期限，请尽快处理。"
	}
	return "这是一条测试消息，收到即表示通知可用。"
}

func english(e Event) string {
	switch e {
	case Ring:
		return "A consultation request ({urgency}) waits for a doctor. Please open Lianzhen to answer."
	case CriticalPage:
		return "A consultation request ({urgency}) must be answered now. Please open Lianzhen at once."
	case DispatcherAlert:
		return "Nobody has answered a consultation request ({urgency}). A dispatcher is needed."
	case NoDispatcher:
		return "Nobody has answered a consultation request ({urgency}), and the hospital has no dispatcher. Please call the hospital."
	case Assigned:
		return "A dispatcher gave you a consultation request ({urgency}). Please open Lianzhen."
	case Answered:
		return "A doctor has taken your consultation request."
	case ReportReady:
		return "An opinion waits for your adoption."
	case Returned:
		return "Your request ({urgency}) came back: something is missing."
	case Terminated:
		return "A consultation was ended: to be seen in person. Please open Lianzhen."
	case HandOver:
		return "A colleague asks you to take over a request ({urgency}). Please answer."
	case SwapRequest:
		return "A colleague asks you to take a shift. Please answer in Lianzhen."
	case SwapAnswer:
		return "Your request for a swap was answered."
	case BreakGlass:
		return "Somebody opened a record of your institution in an emergency. Please review it."
	case VisitAlarm:
		return "Somebody on a home visit calls for help or is not back in time. Please open Lianzhen at once."
	case AppointmentReminder:
		return "Reminder: an appointment on {when} ({place}). Please look and confirm in Lianzhen."
	case AppointmentMoved:
		return "An appointment of which you were reminded has changed: it is now on {when} ({place})."
	case AppointmentCancelled:
		return "The appointment on {when} ({place}) of which you were reminded is cancelled."
	case FamilyAnswer:
		return "A family has answered about an appointment and needs you. Please open Lianzhen."
	case FamilyRequest:
		return "A family asks for a home visit. Please assess it in Lianzhen."
	case Expiry:
		return "A licence or an agreement ends soon or is over. Please open Lianzhen and see to its renewal."
	case ContractEnding:
		return "A family-doctor contract of your team ends soon. Please see to its renewal."
	case FactorReset:
		return "An administrator reset your second factor. Please set it up again; if this was not your wish, call them."
	case DeadlineSoon:
		return "A return or a rectification that you answer for is due soon. Please look into Lianzhen."
	case DeadlineOverdue:
		return "A return or a rectification that you answer for is overdue. Please see to it."
	}
	return "This is a test message: notifications arrive."
}

// page is where the link leads; whoever follows it signs in first.
func (t text) page() string {
	switch t.event {
	case Ring, CriticalPage:
		return "/queue"
	case Assigned, HandOver:
		return "/work/" + t.subject.String()
	case DispatcherAlert:
		return "/board"
	case Answered, Returned, Terminated:
		return "/ward/requests/" + t.subject.String()
	case ReportReady:
		return "/adopt/" + t.subject.String()
	case SwapRequest, SwapAnswer:
		return "/roster"
	case BreakGlass:
		return "/accesses?tab=emergency"
	case VisitAlarm:
		return "/visit-alarms"
	case AppointmentReminder, AppointmentMoved, AppointmentCancelled:
		if t.subject == uuid.Nil { // a preview
			return "/appointments"
		}
		return "/appointments/" + t.subject.String()
	case FamilyAnswer:
		return "/reminders"
	case FamilyRequest:
		return "/visits/" + t.subject.String()
	case Expiry:
		return "/system?tab=expiries"
	case ContractEnding:
		return "/contracts/" + t.subject.String()
	case FactorReset:
		return "/security"
	case DeadlineSoon, DeadlineOverdue:
		return "/goals"
	}
	return "/"
}
