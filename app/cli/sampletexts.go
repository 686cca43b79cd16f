package cli

import "time"

type sample struct {
	team, customers []samplePerson
	conversations   []sampleTalk
}

type samplePerson struct{ short, name, email, organisation string }

type sampleTalk struct {
	ago     time.Duration
	subject string
	with    []string
	lines   []sampleLine
}

// sampleLine is a message, and how long after it the next one comes.
type sampleLine struct {
	who, text string
	pause     time.Duration
}

const day = 24 * time.Hour

var sampleTeam = []samplePerson{
	{"Ana", "Ana Ruiz", "ana@example.com", ""}, {"Luis", "Luis Marín", "luis@example.com", ""},
	{"Priya", "Priya Nair", "priya@example.com", ""}, {"Jonas", "Jonas Olsen", "jonas@example.com", ""},
	{"Sofia", "Sofía Kramer", "sofia@example.com", ""}, {"Tom", "Tom Berg", "tom@example.com", ""},
}

var sampleCustomers = []samplePerson{
	{"Marta", "Marta Vidal", "marta@norte.example", "Norte SL"}, {"Dana", "Dana Kim", "dana@helio.example", "Helio"},
	{"Elif", "Elif Baran", "elif@yelken.example", "Yelken"},
}

// samples by language.
var samples = map[string]sample{
	"en": {sampleTeam, sampleCustomers, []sampleTalk{
		{5 * day, "", []string{"Luis", "Ana"}, []sampleLine{
			{"Ana", "Luis, could you send me the list of open quotes before Friday?", 40 * time.Minute},
			{"Luis", "Sure. Is the one of last week good enough, or with the new prices?", 3 * time.Minute},
			{"Ana", "With the **new prices**, please.", 2 * time.Hour},
			{"Luis", "Sent the list.", 0}}},
		{2 * day, "Demo for Helio", []string{"Sofia", "Ana", "Priya"}, []sampleLine{
			{"Sofia", "Helio asked whether the demo could be on Thursday instead of Wednesday.", 12 * time.Minute},
			{"Priya", "Works for me. I have the room from 10 to 12.", 25 * time.Minute},
			{"Ana", "For me too. What should we show?", 8 * time.Minute},
			{"Sofia", "I would show:\n\n- search without a network\n- a conversation with three customers\n- what happens when nobody answers for a minute", 30 * time.Minute},
			{"Sofia", "Moved the demo to Thursday.", 0}}},
		{26 * time.Hour, "", []string{"Priya", "Ana"}, []sampleLine{
			{"Priya", "The new supplier wants our terms in writing. Do we have them in one place?", 20 * time.Minute},
			{"Ana", "Yes, page 4 of the handbook. Quote that one, it is the current one:\n\n> Orders placed before the 1st keep the old prices.", 6 * time.Minute},
			{"Ana", "thanks, I'll write to them today", 0}}},
		{5 * time.Hour, "Acme renewal", []string{"Ana", "Luis", "Priya"}, []sampleLine{
			{"Ana", "The Acme contract ends in two weeks. Who knows their new buyer?", 2 * time.Minute},
			{"Priya", "I met her at the fair. She prefers a call to a mail.", 68 * time.Minute},
			{"Luis", "@Ana can you take the Acme renewal call? I'm on a train and the line comes and goes.\n\nThey asked for 15:00 our time.", 0}}},
		{90 * time.Minute, "", []string{"Jonas", "Ana"}, []sampleLine{
			{"Jonas", "@Ana the export runs again, see the log: `export finished, 4,812 rows`", 0}}},
		{30 * time.Minute, "Lunch on Friday", []string{"Tom", "Ana", "Luis", "Priya", "Jonas", "Sofia"}, []sampleLine{
			{"Tom", "Lunch together on Friday? I would book a table for six.", 4 * time.Minute},
			{"Sofia", "Yes, with pleasure.", 2 * time.Minute},
			{"Jonas", "Count me in, but not before 12:30.", 0}}},
	}},
	"es": {sampleTeam, sampleCustomers, []sampleTalk{
		{5 * day, "", []string{"Luis", "Ana"}, []sampleLine{
			{"Ana", "Luis, ¿me mandas la lista de presupuestos abiertos antes del viernes?", 40 * time.Minute},
			{"Luis", "Claro. ¿Sirve la de la semana pasada o la quieres con los precios nuevos?", 3 * time.Minute},
			{"Ana", "Con los **precios nuevos**, por favor.", 2 * time.Hour},
			{"Luis", "Lista enviada.", 0}}},
		{2 * day, "Demostración para Helio", []string{"Sofia", "Ana", "Priya"}, []sampleLine{
			{"Sofia", "Helio pregunta si la demostración puede ser el jueves en vez del miércoles.", 12 * time.Minute},
			{"Priya", "Por mí, bien. Tengo la sala de 10 a 12.", 25 * time.Minute},
			{"Ana", "Por mí también. ¿Qué enseñamos?", 8 * time.Minute},
			{"Sofia", "Yo enseñaría:\n\n- la búsqueda sin red\n- una conversación con tres clientes\n- qué pasa si nadie contesta en un minuto", 30 * time.Minute},
			{"Sofia", "Demostración cambiada al jueves.", 0}}},
		{26 * time.Hour, "", []string{"Priya", "Ana"}, []sampleLine{
			{"Priya", "El proveedor nuevo pide nuestras condiciones por escrito. ¿Están en algún sitio?", 20 * time.Minute},
			{"Ana", "Sí, en la página 4 del manual. Cita esa, es la vigente:\n\n> Los pedidos anteriores al día 1 mantienen el precio antiguo.", 6 * time.Minute},
			{"Ana", "gracias, les escribo hoy", 0}}},
		{5 * time.Hour, "Renovación de Acme", []string{"Ana", "Luis", "Priya"}, []sampleLine{
			{"Ana", "El contrato de Acme termina en dos semanas. ¿Quién conoce a su nueva compradora?", 2 * time.Minute},
			{"Priya", "La conocí en la feria. Prefiere una llamada a un correo.", 68 * time.Minute},
			{"Luis", "@Ana, ¿puedes hacer tú la llamada de la renovación? Voy en tren y la línea va y viene.\n\nPidieron las 15:00, hora nuestra.", 0}}},
		{90 * time.Minute, "", []string{"Jonas", "Ana"}, []sampleLine{
			{"Jonas", "@Ana, la exportación vuelve a funcionar, mira el registro: `exportación terminada, 4812 filas`", 0}}},
		{30 * time.Minute, "Comida del viernes", []string{"Tom", "Ana", "Luis", "Priya", "Jonas", "Sofia"}, []sampleLine{
			{"Tom", "¿Comemos juntos el viernes? Reservaría mesa para seis.", 4 * time.Minute},
			{"Sofia", "Sí, con mucho gusto.", 2 * time.Minute},
			{"Jonas", "Contad conmigo, pero no antes de las 12:30.", 0}}},
	}},
}
