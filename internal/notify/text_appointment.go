package notify

import (
	"fmt"
	"strings"
	"time"

	"github.com/lianzhen-health/lianzhen/internal/consult"
)

// familyWords are what a family is told; nothing in them says of what the resident is ill, or who the resident is.
func familyWords(e Event, lang consult.Lang) string {
	switch {
	case e == AppointmentMoved && lang == consult.ZH:
		return "您家老人的预约有变动，现为{when}（{place}）。查看、确认或取消："
	case e == AppointmentMoved:
		return "Your relative's appointment has changed: it is now on {when} ({place}). To see, confirm or cancel:"
	case e == AppointmentCancelled && lang == consult.ZH:
		return "您家老人原定{when}的预约（{place}）已取消。如有疑问请致电养老机构。"
	case e == AppointmentCancelled:
		return "Your relative's appointment on {when} ({place}) is cancelled. Please call the institution if you have questions."
	case lang == consult.ZH:
		return "提醒：您家老人{when}有一次预约（{place}）。查看、确认或取消："
	}
	return "Reminder: your relative has an appointment on {when} ({place}). To see, confirm or cancel:"
}

func whenWords(at *time.Time, lang consult.Lang) string {
	if at == nil {
		return "—"
	}
	local := at.In(consult.Shanghai())
	if lang == consult.EN {
		return local.Format("Mon 2 Jan 15:04")
	}
	return fmt.Sprintf("%d月%d日周%s %s", int(local.Month()), local.Day(), []string{"日", "一", "二", "三", "四", "五", "六"}[local.Weekday()], local.Format("15:04"))
}

func placeWords(place string, lang consult.Lang) string {
	words := map[string][2]string{"ONLINE": {"视频", "by video"}, "CLINIC": {"到门诊", "at the clinic"}, "INSTITUTION": {"到机构", "at the institution"},
		"HOME": {"上门", "at home"}}[place]
	if lang == consult.EN {
		return words[1]
	}
	return words[0]
}

// ReminderText is what a reminder says, to a family or to staff; the secret part of its link is shown as dots.
func (s *Service) ReminderText(family bool, locale string, at time.Time, place string) string {
	t := text{event: AppointmentReminder, at: &at, place: place, family: family, token: strings.Repeat("·", 6)}
	public := s.cfg.PublicURL
	if family && public == nil {
		t.token = ""
	}
	return t.in(locale, public)
}
