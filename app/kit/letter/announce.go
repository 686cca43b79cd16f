package letter

import (
	"regexp"
	"strings"
)

// What announces an earlier mail looks alike in every language: a rule with a few words in it, a block of fields, or a
// line with a date, a person and a verb. The words are listed; the structure is what counts.

var (
	ruled        = regexp.MustCompile(`^[\s>]*[-_*=—–]{2,}\s*([^-_*=—–\s].{2,60}?)\s*[-_*=—–:]{2,}\s*$`)
	forwardRule  = regexp.MustCompile(`(?i)^\W{2,}.*(` + forwardWords + `).{0,30}\W{2,}$`)
	forwardBegin = regexp.MustCompile(`(?i)^(begin forwarded message|anfang der weitergeleiteten (nachricht|e-mail)|` +
		`début du (message (réexpédié|transféré)|e-mail transféré)|inicio del mensaje (reenviado|remitido)|inizio( del)? messaggio inoltrato|` +
		`início da mensagem (encaminhada|reencaminhada)|begin doorgestuurd bericht|vidarebefordrat brev|videresendt besked|` +
		`videresendt melding|välitetty viesti alkaa|начало переадресованного сообщения|początek przekazywanej wiadomości)\s*:`)
	originalWords = regexp.MustCompile(`(?i)(original|origin|urspr[üu]n|oorspronkelijk|oprindelig|opprinnelig|alkuperäi|oryginaln|` +
		`p[ůu]vodn|eredeti|orijinal|исходн|оригинал|первоначальн|вихідн|αρχικό|pôvodn|izvorn|оригінал|原始|原文|元の|オリジナル|원본|` +
		`reply message|antwort)`)
)

const forwardWords = `forwarded|weitergeleitet|transféré|réexpédié|reenviado|remitido|inoltrat|encaminhad|reencaminhad|doorgestuurd|` +
	`videresendt|vidarebefordra|välitetty|przekazan|пересыла|переслан|переадрес|továbbított|přeposlan|iletilen|转发|轉寄|転送|전달`

// mostAnnouncement is how many bytes a line may have to be looked at. A longer one is prose, and costs time.
const mostAnnouncement = 1000

// originalRule says whether line i is of the family "-----Original Message-----": rules around words that are known, or
// around any words above a block of fields.
func (f *folder) originalRule(i int) bool {
	if len(f.lines[i].text) > mostAnnouncement {
		return false
	}
	m := ruled.FindStringSubmatch(f.lines[i].text)
	if m == nil || len(m[1]) > 80 || forwardRule.MatchString(strings.TrimSpace(f.lines[i].text)) {
		return false
	}
	if originalWords.MatchString(m[1]) && len(strings.Fields(m[1])) <= 5 {
		return true
	}
	next := f.next(i + 1)
	return next < f.end && f.headerBlock(next, f.end)
}

// The kinds of fields in a block that announces an earlier mail.
const (
	fromField = 1 << iota
	dateField
	toField
	subjectField
)

// fieldWords are the names of such fields, in the languages of the programs that write them.
var fieldWords = fieldKinds()

func fieldKinds() map[string]int {
	kinds := map[string]int{}
	for kind, words := range map[int]string{
		fromField: "from,von,de,da,van,fra,från,od,от,от кого,lähettäjä,kimden,gönderen,από,від,від кого,feladó,de la,expeditor,expéditeur," +
			"absender,remitente,mittente,remetente,afzender,afsender,avsändare,avsender,nadawca,отправитель,发件人,寄件者,寄件人,差出人,送信者,보낸 사람,보낸사람,from,מאת,من",
		dateField: "sent,date,gesendet,datum,gesendet am,envoyé,envoyé le,date d'envoi,message du,enviado,enviado el,enviada em,enviado em,enviada,fecha,data,inviato," +
			"inviato il,verzonden,sendt,dato,skickat,skickat den,lähetetty,päivämäärä,päiväys,wysłano,отправлено,дата,дата отправки,gönderildi,tarih,gönderilen," +
			"στάλθηκε,ημερομηνία,надіслано,küldve,elküldve,dátum,odesláno,odoslané,trimis,发送时间,发送日期,日期,時間,寄件日期,傳送時間,送信日時,日時,日付,보낸 날짜,날짜,נשלח,تاريخ",
		toField: "to,an,à,a,para,aan,til,till,do,кому,kime,alıcı,vastaanottaja,προς,címzett,komu,către,pro,destinataire,destinatario,empfänger,收件人,收件者,宛先,받는 사람,받는사람,אל,إلى," +
			"cc,kopie,copie à,copia,kopi,kopia,копия,抄送,副本",
		subjectField: "subject,betreff,objet,sujet,asunto,assunto,oggetto,onderwerp,emne,ämne,aihe,temat,тема,konu,θέμα,tárgy,předmět,predmet,subiect,主题,主旨,件名,题目,제목,נושא,الموضوع",
	} {
		for word := range strings.SplitSeq(words, ",") {
			kinds[word] = kind
		}
	}
	return kinds
}

var fieldLine = regexp.MustCompile(`^[\s|*_]*([\p{L}][\p{L}\p{M}' .-]{0,24}?)[*_\s\x{a0}]*[:：]`)

// fieldKind says which field a line is, or 0.
func fieldKind(s string) int {
	if !strings.ContainsAny(s[:min(len(s), 120)], ":：") {
		return 0
	}
	m := fieldLine.FindStringSubmatch(s)
	if m == nil {
		return 0
	}
	return fieldWords[strings.ToLower(strings.TrimSpace(m[1]))]
}

var clock, year = regexp.MustCompile(`\d{1,2}[:.]\d{2}`), regexp.MustCompile(`\b(19|20)\d{2}\b`)

// isTimed says whether a line is a date field to the minute, as a mail program writes it. Some put marks of direction
// between the figures.
func isTimed(s string) bool {
	s = strings.NewReplacer("\u200e", "", "\u200f", "").Replace(s[:min(len(s), 200)])
	return fieldKind(s) == dateField && clock.MatchString(s) && year.MatchString(s)
}

// headerBlock says whether a block of fields begins at line i. People write "From: …, To: …" about journeys too, so an
// address, a subject or a date to the minute must be among them.
func (f *folder) headerBlock(i, end int) bool {
	kinds := f.field(i).kind
	if kinds == 0 {
		return false
	}
	address, timed := strings.Contains(f.lines[i].text, "@"), f.field(i).timed
	clear := i == 0 || f.blank(i-1) || f.lines[i-1].rule || drawn.MatchString(f.lines[i-1].text) || ruled.MatchString(f.lines[i-1].text)
	for j, since := i+1, 0; j < min(end, i+14) && since < 3; j++ {
		since++
		if f.blank(j) {
			continue
		}
		address = address || strings.Contains(f.lines[j].text, "@")
		timed = timed || f.field(j).timed
		if kind := f.field(j).kind; kind != 0 {
			kinds |= kind
			since = 0
		}
	}
	n := 0
	for k := fromField; k <= subjectField; k <<= 1 {
		if kinds&k != 0 {
			n++
		}
	}
	told := address || timed && n == 3 || kinds&subjectField != 0 && kinds&dateField != 0
	return told && kinds&(fromField|dateField) != 0 && (n >= 3 || n == 2 && clear)
}

var (
	verb = regexp.MustCompile(`(?i)(^|[\s>)\]"'])(wrote|writes|sent|said|schrieb|schreibt|geschrieben|a écrit|écrit|a ecrit|escribió|escribio|escrib[ií]a|escreveu|` +
		`ha scritto|scrisse|scrive|schreef|geschreven|skrev|skriver|kirjoitti|napisa[łl](\(a\)|a|/a|\(-a\))?|написал(\(а\)|а|и|\(-а\))?|пишет|пише|написав|` +
		`yazdı|şunları yazdı|ezt írta|írta|a scris|έγραψε|đã viết|napsal(\(a\)|a)?|napísal(\(a\)|a)?|je napisa[ol]|kirjutas|rašė|rakstīja|a écrit|写道|寫道|` +
		`写道|さんは書きました|のメール|작성|님이 작성|כתב|كتب|menulis|va escriure|idatzi zuen)\s?([:：]\s*$|$|\W{2,}$|\s\S.{0,90}[:：]\s*$)`)
	// A verb that needs no blank before it, in scripts that have none.
	verbEnd  = regexp.MustCompile(`(写道|寫道|書きました|のメール|작성|編寫|编写)\s*[:：]?\s*$`)
	when     = regexp.MustCompile(`\d{1,2}[:.hH]\d{2}|\d{4}|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{1,2}[-.\s]+\p{L}{3,}`)
	email    = regexp.MustCompile(`[^\s<>()\[\]"',;:@]+@[^\s<>()\[\]"',;:@]+`)
	starter  = regexp.MustCompile(`(?i)^\W*(on|am|le|el|il|in data|op|em|no dia|den|på|w dniu|dnia|vào|dne|ngày|la|în|pe|στις|em|on the|at|kl|в|du|a|the)\s`)
	dateLed  = regexp.MustCompile(`^\W*(\d{1,4}|\p{L}{2,12}[.,]{1,2}?\s)`)
	dated    = regexp.MustCompile(`(?i)^\W*(\d{4}[-/.年]\s?\d{1,2}|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{1,2}[:.]\d{2}|(\p{L}{2,12}[.,]{0,2}\s){0,2}\d{1,2}[.,]?\s\p{L}{3,}|\p{L}{3,12}[.,]{0,2}\s\d{1,2})`)
	endColon = regexp.MustCompile(`[:：]\W*$`)
	shared   = regexp.MustCompile(`^(.*\S)\s*?(?:-{2,}\s*|\s)(On\s(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|\d).{8,200}\swrote:)\s*$`)
)

// mostTries is how many lines of one mail are looked at for how they go on. Only a mail made to cost time has more.
const mostTries = 500

// mostAttribution is how many lines an announcement may be wrapped over, and how many characters it may have.
const mostAttribution, mostAttributionText = 6, 400

// attribution says over how many lines the announcement "On …, … wrote:" goes that begins at line i, 0 if none does.
func (f *folder) attribution(i, end int) int {
	if len(f.lines[i].text) > mostAnnouncement || f.tries > mostTries || f.blank(i) || f.quoted(i) || !announces(f.lines[i].text) {
		return 0
	}
	f.tries++
	joined, empty := "", 0
	for n := 1; n <= mostAttribution && i+n <= end; n++ {
		text := strings.TrimSpace(f.lines[i+n-1].text)
		if text == "" {
			if empty++; empty > 1 {
				return 0
			}
			continue
		}
		if n > 1 && fieldKind(text) != 0 {
			return 0
		}
		joined = strings.TrimSpace(joined + " " + text)
		if len(joined) > mostAttributionText {
			return 0
		}
		if empty > 0 && !email.MatchString(joined) && !strings.ContainsAny(text, "<>@") {
			return 0
		}
		next := f.next(i + n)
		if isAttribution(joined, next < end && (f.quoted(next) || f.lines[next].folded)) {
			return n
		}
	}
	return 0
}

// announces says whether a line can be the first of an attribution. A reply's own text above it can not.
func announces(s string) bool {
	s = strings.Trim(strings.TrimSpace(s), "-*_ ")
	return len(s) < 300 && (starter.MatchString(s) && when.MatchString(s) || dated.MatchString(s) || dateLed.MatchString(s) && when.MatchString(s) ||
		email.MatchString(s) || verb.MatchString(s) || verbEnd.MatchString(s))
}

// isAttribution weighs what a joined line holds. Before quoted lines a verb at its end is enough; where the earlier mail
// carries no marks, there must be a person's address, or a date that the line begins with.
func isAttribution(s string, beforeQuote bool) bool {
	bare := strings.Trim(s, "-–—*_ ")
	ends := verb.MatchString(bare) || verbEnd.MatchString(bare)
	colon := endColon.MatchString(bare)
	hasEmail, hasDate := email.MatchString(bare), when.MatchString(bare)
	lead := starter.MatchString(bare) || dated.MatchString(bare)
	switch {
	case ends && hasDate && hasEmail:
		return true
	case ends && hasDate && lead && (colon || bare != s || beforeQuote):
		return beforeQuote || len(when.FindAllString(bare, 3)) >= 2
	case ends && hasEmail && colon:
		return true
	case ends && bare != s && strings.HasPrefix(s, "--") && strings.HasSuffix(s, "--"):
		return true
	case hasEmail && hasDate && colon && strings.ContainsAny(bare, "<("):
		return lead || dateLed.MatchString(bare)
	case beforeQuote && hasEmail && dated.MatchString(bare):
		return true
	}
	return beforeQuote && ends && (colon || hasDate)
}

// splitShared parts a line in which the reply and the announcement of the quote below it run together.
func (f *folder) splitShared() {
	for i := 0; i+1 < f.end; i++ {
		if len(f.lines[i].text) > mostAnnouncement {
			continue
		}
		m := shared.FindStringSubmatch(f.lines[i].text)
		if m == nil || f.quoted(i) || !f.quoted(i+1) || verb.MatchString(m[1]) {
			continue
		}
		f.lines[i].text, f.asked = strings.TrimRight(m[1], "- "), nil
		// The announcement stands with the quote, so that one line stays one line.
		f.lines[i+1].text = "> " + m[2] + "\n" + f.lines[i+1].text
	}
}
