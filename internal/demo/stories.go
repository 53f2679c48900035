package demo

import (
	"time"

	"github.com/lianzhen-health/lianzhen/internal/contract"
)

// How far a story went.
const (
	untilCancelled = iota // before anybody answered
	untilPending          // the report is to be signed
	untilReported         // the opinion is to be adopted
	untilAdopted          // tasks and the follow-up are open
	untilFollowUp         // tasks are done, the follow-up is open
	untilArchived
)

// story is a consultation of the past.
type story struct {
	key, resident, nurse, doctor, department string
	days                                     int           // before today, at the hour of at
	at                                       time.Duration // local time of day
	ago                                      time.Duration // instead of days and at: this long before now
	reasons, flags                           []string
	complaint                                string
	readings                                 []reading
	signer, relation, signerName             string // of the consent; empty: the resident
	wait, talk                               time.Duration
	assessment, diagnosis, outcome, limits   string // diagnosis is an ICD-10 code
	advice                                   []contract.AdviceInput
	followUpDays                             int
	partly                                   string // why the first item is adopted partly
	cancel                                   string
	messages                                 []string // nurse and doctor in turns
	alone                                    bool     // the attending doctor did not come: it does not count
	until                                    int
}

func clockAt(hour, minute int) time.Duration {
	return time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute
}

func advise(pairs ...string) []contract.AdviceInput {
	out := []contract.AdviceInput{}
	for i := 0; i+1 < len(pairs); i += 2 {
		out = append(out, contract.AdviceInput{Kind: contract.AdviceInputKind(pairs[i]), Text: pairs[i+1]})
	}
	return out
}

const videoLimits = "通过视频问诊与查看，未能进行听诊和触诊。"

// stories are the last four weeks, told in the order in which they happened.
func stories() []story {
	return []story{
		{key: "bp-zhang", resident: "zhang-guilan", nurse: "nurse.li", doctor: "dr.wang", department: "02", days: 28, at: clockAt(9, 12),
			reasons: []string{"BP_SUGAR"}, complaint: "今晨头晕，自述没睡好，无胸闷。", readings: []reading{{"SBP", 168}, {"DBP", 96}, {"PULSE", 84}, {"SPO2", 96}},
			wait: 4 * time.Minute, talk: 8 * time.Minute, assessment: "血压控制不佳，近期有漏服。神志清，对答切题，无局灶体征。", diagnosis: "I10", outcome: "ADJUST", limits: videoLimits,
			advice: advise("DRUG", "按原医嘱规律服用降压药，由护士发药并看服到口。", "NURSING", "每日早晚测血压一次，连续一周并记录。"), followUpDays: 7, until: untilArchived,
			messages: []string{"已按您说的让老人平卧休息。", "好的，半小时后复测一次血压发给我。"}},
		{key: "heart-wang", resident: "wang-deshun", nurse: "nurse.li", doctor: "dr.zhao", department: "0304", days: 26, at: clockAt(15, 40),
			reasons: []string{"BREATH"}, complaint: "下午活动后气短，双踝有些肿。", readings: []reading{{"SBP", 136}, {"DBP", 82}, {"PULSE", 98}, {"RESP", 22}, {"SPO2", 93}, {"TEMP", 36.6}},
			wait: 3 * time.Minute, talk: 12 * time.Minute, assessment: "慢性心力衰竭，轻度容量负荷增加，目前无急性加重表现。", diagnosis: "I50.9", outcome: "TEST_ADVISED", limits: videoLimits,
			advice: advise("NURSING", "每日晨起同一时间称体重，三日增加超过2千克即联系。", "NON_DRUG", "限盐，每日饮水不超过1500毫升，半卧位休息。", "TEST", "两日内查血钾、肌酐和NT-proBNP。"),
			partly: "本机构只能采血查血钾和肌酐，NT-proBNP送青城医院。", followUpDays: 5, until: untilArchived},
		{key: "skin-zhao", resident: "zhao-fugui", nurse: "nurse.li", doctor: "dr.gao", department: "0310", days: 24, at: clockAt(10, 5), signer: "LEGAL_GUARDIAN", relation: "CHILD", signerName: "赵丽",
			reasons: []string{"SKIN"}, complaint: "骶尾部皮肤发红，压之不褪色。", readings: []reading{{"TEMP", 36.9}, {"PULSE", 86}, {"SBP", 120}, {"DBP", 72}},
			wait: 22 * time.Minute, talk: 9 * time.Minute, assessment: "骶尾部压力性损伤1期，面积约3×4厘米，无破溃。", diagnosis: "L89", outcome: "NURSING_PLAN", limits: videoLimits,
			advice: advise("NURSING", "每2小时翻身一次，左右交替，骶尾部减压垫。", "NURSING", "保持皮肤清洁干燥，不按摩发红部位。"), followUpDays: 3, until: untilArchived},
		{key: "cancel-he", resident: "he-xiuying", nurse: "nurse.li", days: 23, at: clockAt(19, 20), reasons: []string{"PAIN"}, complaint: "左髋部疼痛。",
			readings: []reading{{"PAIN", 4}}, cancel: "SEEN_ON_SITE", wait: 6 * time.Minute, until: untilCancelled},
		{key: "cough-sun", resident: "sun-shuqin", nurse: "nurse.li", doctor: "dr.wang", department: "02", days: 21, at: clockAt(8, 50),
			reasons: []string{"BREATH"}, complaint: "咳嗽、痰多两天，夜间明显。", readings: []reading{{"TEMP", 37.4}, {"PULSE", 90}, {"RESP", 22}, {"SPO2", 92}},
			wait: 5 * time.Minute, talk: 10 * time.Minute, assessment: "慢阻肺基础上的上呼吸道感染，暂无急性加重的表现。", diagnosis: "J06.9", outcome: "OBSERVE", limits: videoLimits,
			advice: advise("NURSING", "体温、血氧每日四次，血氧低于90%立即联系。", "NON_DRUG", "翻身拍背，鼓励咳痰，室内通风。"), followUpDays: 2, until: untilArchived},
		{key: "cancel-zhou", resident: "zhou-qiming", nurse: "nurse.li", days: 20, at: clockAt(14, 2), reasons: []string{"OTHER"}, complaint: "家属想咨询用药。",
			cancel: "BETTER", wait: 3 * time.Minute, until: untilCancelled},
		{key: "confusion-li", resident: "li-zhenhua", nurse: "nurse.li", doctor: "dr.gao", department: "0310", days: 18, at: clockAt(20, 15), signer: "LEGAL_GUARDIAN", relation: "SPOUSE", signerName: "赵秀英",
			reasons: []string{"CONFUSION"}, complaint: "傍晚起吵闹，不认识护理员，白天睡得多。", readings: []reading{{"TEMP", 36.8}, {"PULSE", 84}, {"SBP", 134}, {"DBP", 78}, {"SPO2", 95}, {"GLU_CAP", 6.8}},
			wait: 7 * time.Minute, talk: 11 * time.Minute, assessment: "阿尔茨海默病，日落现象，未见谵妄的急性诱因。", diagnosis: "G30.9", outcome: "NURSING_PLAN", limits: videoLimits,
			advice: advise("NURSING", "白天增加光照与活动，午睡不超过30分钟。", "NON_DRUG", "傍晚由熟悉的护理员陪伴，减少噪声。", "TEST", "查尿常规，排除尿路感染。"), followUpDays: 7, until: untilArchived},
		{key: "sugar-liu", resident: "liu-yuzhen", nurse: "nurse.li", doctor: "dr.wang", department: "02", days: 16, at: clockAt(7, 35),
			reasons: []string{"BP_SUGAR"}, complaint: "空腹血糖偏高三天。", readings: []reading{{"GLU_CAP", 12.6}, {"SBP", 146}, {"DBP", 84}, {"PULSE", 74}},
			wait: 9 * time.Minute, talk: 7 * time.Minute, assessment: "2型糖尿病，血糖控制欠佳，晚餐主食偏多。", diagnosis: "E11.9", outcome: "ADJUST", limits: videoLimits,
			advice: advise("NON_DRUG", "晚餐主食减三分之一，餐后活动20分钟。", "NURSING", "每日测空腹和晚餐后2小时血糖，记录一周。"), followUpDays: 7, until: untilArchived},
		{key: "cancel-chen", resident: "chen-jianguo", nurse: "nurse.li", days: 15, at: clockAt(11, 30), reasons: []string{"STOMACH"}, complaint: "早饭后腹胀。",
			cancel: "BETTER", wait: 12 * time.Minute, until: untilCancelled},
		{key: "knee-wulan", resident: "wulan", nurse: "nurse.li", doctor: "dr.gao", department: "0310", days: 13, at: clockAt(16, 10),
			reasons: []string{"PAIN"}, complaint: "右膝疼痛加重，上下床困难。", readings: []reading{{"PAIN", 5}, {"TEMP", 36.5}, {"SBP", 138}, {"DBP", 80}},
			wait: 15 * time.Minute, talk: 9 * time.Minute, assessment: "右膝骨关节炎，局部无红肿，活动时疼痛。", diagnosis: "M17.9", outcome: "REHAB_PLAN", limits: videoLimits,
			advice: advise("REHAB", "股四头肌等长收缩，每次10下，每日3组。", "NON_DRUG", "热敷20分钟，每日2次；使用助行器。"), followUpDays: 10, alone: true, until: untilArchived},
		{key: "cancel-ma", resident: "ma-fengxia", nurse: "nurse.li", days: 12, at: clockAt(9, 45), reasons: []string{"STOMACH"}, complaint: "便秘三天。",
			cancel: "SEEN_ON_SITE", wait: 8 * time.Minute, until: untilCancelled},
		{key: "guidance-guo", resident: "guo-meiling", nurse: "nurse.wu", doctor: "dr.gao", department: "0310", days: 11, at: clockAt(10, 30),
			reasons: []string{"OTHER"}, complaint: "左侧肢体无力多年，想请教体位摆放。", readings: []reading{{"SBP", 136}, {"DBP", 80}, {"PULSE", 76}},
			wait: 18 * time.Minute, talk: 13 * time.Minute, assessment: "观察到左上肢屈曲、肩部半脱位倾向，护理员翻身手法需改进。", outcome: "NURSING_PLAN", limits: videoLimits,
			advice: advise("NURSING", "健侧卧位时患肩垫高，避免牵拉患侧上肢。", "REHAB", "每日被动活动患侧肩、肘、腕各10次。"), followUpDays: 7, until: untilArchived},
		{key: "stroke-batu", resident: "batu", nurse: "nurse.li", doctor: "dr.zhao", department: "0304", days: 9, at: clockAt(6, 55),
			reasons: []string{"CHEST"}, complaint: "晨起心慌，约十分钟自行缓解。", readings: []reading{{"PULSE", 112}, {"SBP", 132}, {"DBP", 84}, {"SPO2", 96}, {"RESP", 19}},
			wait: 2 * time.Minute, talk: 14 * time.Minute, assessment: "心房颤动，心室率偏快，血流动力学稳定。", diagnosis: "I48", outcome: "ADJUST", limits: videoLimits,
			advice: advise("TEST", "今日完成十二导联心电图并上传。", "NURSING", "每4小时测脉搏满1分钟，超过120次/分立即联系。"), followUpDays: 3, until: untilArchived},
		{key: "fall-he", resident: "he-xiuying", nurse: "nurse.li", doctor: "dr.wang", department: "02", days: 6, at: clockAt(13, 25),
			reasons: []string{"FALL"}, complaint: "午休起床时滑坐到地上，未碰头，能站立。", readings: []reading{{"PAIN", 2}, {"SBP", 130}, {"DBP", 76}, {"PULSE", 80}},
			wait: 5 * time.Minute, talk: 10 * time.Minute, assessment: "跌坐后活动如常，髋部无畸形，暂不考虑骨折。", diagnosis: "W19", outcome: "OBSERVE", limits: videoLimits,
			advice: advise("NURSING", "24小时内每4小时观察神志、疼痛和肢体活动。", "NON_DRUG", "床旁加扶手和夜灯，起床三步走。"), followUpDays: 8, until: untilFollowUp},
		{key: "cancel-tian", resident: "zhou-qiming", nurse: "nurse.li", days: 5, at: clockAt(17, 5), reasons: []string{"OTHER"}, complaint: "点错了老人。",
			cancel: "BY_MISTAKE", wait: time.Minute, until: untilCancelled},
		{key: "bp-zhao", resident: "zhao-fugui", nurse: "nurse.li", doctor: "dr.gao", department: "0310", days: 3, at: clockAt(9, 30),
			reasons: []string{"SKIN"}, complaint: "骶尾部发红范围缩小，想确认护理是否继续。", readings: []reading{{"TEMP", 36.7}, {"PULSE", 84}, {"SBP", 122}, {"DBP", 70}},
			wait: 11 * time.Minute, talk: 6 * time.Minute, assessment: "骶尾部压力性损伤1期，好转。", diagnosis: "L89", outcome: "CONTINUE", limits: videoLimits,
			advice: advise("NURSING", "继续每2小时翻身，减压垫再用两周。", "NURSING", "每周一次拍照复查。"), followUpDays: 9, until: untilAdopted},
		{key: "guidance-tian", resident: "tian-yulin", nurse: "nurse.wu", doctor: "dr.wang", department: "02", days: 2, at: clockAt(14, 40),
			reasons: []string{"SKIN"}, complaint: "足跟发红，想请教减压方法。", readings: []reading{{"TEMP", 36.5}},
			wait: 25 * time.Minute, talk: 8 * time.Minute, assessment: "足跟压红，护理体位需调整。", outcome: "NURSING_PLAN", limits: videoLimits,
			advice: advise("NURSING", "小腿下垫软枕，使足跟悬空。", "NURSING", "每日检查足跟两次并记录。"), followUpDays: 6, until: untilAdopted},
		{key: "bp-chen", resident: "chen-jianguo", nurse: "nurse.li", doctor: "dr.wang", department: "02", ago: 5 * time.Hour,
			reasons: []string{"BP_SUGAR"}, complaint: "血压比平时高，无不适。", readings: []reading{{"SBP", 158}, {"DBP", 92}, {"PULSE", 78}},
			wait: 6 * time.Minute, talk: 7 * time.Minute, assessment: "血压轻度升高，与昨日饮食偏咸有关。", diagnosis: "I10", outcome: "OBSERVE", limits: videoLimits,
			advice: advise("NON_DRUG", "三日低盐饮食。", "NURSING", "每日早晚测血压并记录。"), followUpDays: 4, until: untilReported},
		{key: "cough-sun-2", resident: "sun-shuqin", nurse: "nurse.li", doctor: "dr.gao", department: "0310", ago: 100 * time.Minute,
			reasons: []string{"OTHER"}, complaint: "夜间睡眠差，想请医生看看。", readings: []reading{{"TEMP", 36.5}, {"PULSE", 82}, {"SPO2", 92}},
			wait: 8 * time.Minute, talk: 9 * time.Minute, assessment: "睡眠差，夜间咳嗽减少，暂不加用助眠药物。", diagnosis: "G47.0", until: untilPending},
	}
}
