import { field, MailServers } from './mail';
import { expect, test } from './team';

/** What a mail program sends back: Latin-1, a quote, a signature, a file. */
function answerTo(mail: string): string {
  return [
    'From: Dana Kim <dana@recado.test>',
    `To: ${field(mail, 'Reply-To')}`,
    `Subject: Re: ${field(mail, 'Subject')}`,
    `In-Reply-To: ${field(mail, 'Message-ID')}`,
    `References: ${field(mail, 'Message-ID')}`,
    'Message-ID: <answer-1@helio.example>',
    'Date: Mon, 23 Nov 2026 10:00:00 +0100',
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary=part',
    '',
    '--part',
    'Content-Type: text/plain; charset=iso-8859-1',
    'Content-Transfer-Encoding: quoted-printable',
    '',
    'S=ED, ma=F1ana nos va bien.',
    '',
    'El lun., 23 nov. 2026 a las 9:00, Ana Torres (<support@recado.test>) escribi=F3:',
    '> Can we meet tomorrow?',
    '',
    '-- ',
    'Dana Kim, Helio',
    '--part',
    'Content-Type: application/pdf; name="plano.pdf"',
    'Content-Disposition: attachment; filename="plano.pdf"',
    'Content-Transfer-Encoding: base64',
    '',
    'JVBERi0xLjQK',
    '--part--',
    '',
  ].join('\r\n');
}

/** The same in other charsets and encodings, without files. `body` is as it travels, a byte a character. */
function laterAnswer(mail: string, n: number, charset: string, encoding: string, body: string): string {
  return [
    'From: Dana Kim <dana@recado.test>',
    `To: ${field(mail, 'Reply-To')}`,
    `Subject: Re: ${field(mail, 'Subject')}`,
    `In-Reply-To: ${field(mail, 'Message-ID')}`,
    `Message-ID: <answer-${n}@helio.example>`,
    'MIME-Version: 1.0',
    `Content-Type: text/plain; charset=${charset}`,
    `Content-Transfer-Encoding: ${encoding}`,
    '',
    body,
    '',
  ].join('\r\n');
}

/** "明日の午後でお願いします。" in Shift-JIS, with what it answers quoted under it. */
const JAPANESE = `lr6T+oLMjN+M44LFgqiK6IKigrWC3IK3gUINCg0KMjAyNpROMTGMjjIzk/oojI4pIDk6MDAgQW5h
IFRvcnJlcyA8c3VwcG9ydEByZWNhZG8udGVzdD46DQo+IENhbiB3ZSBtZWV0IHRvbW9ycm93Pw0K`;

test('a customer gets a mail, answers from a mail program, and the answer stands once in the right conversation', async ({
  team,
}) => {
  const servers = await MailServers.start();
  try {
    await team.kill();
    team.flags = ['--smtp', `smtp://${servers.smtp}`, '--mail-from', 'Acme <support@recado.test>'];
    team.flags.push('--reply-domain', 'recado.test', '--imap', servers.imap('reply'));
    await team.start();
    await team.call('Ana Torres', '/people', { kind: 'customer', name: 'Dana Kim', email: 'dana@recado.test' });
    const ana = await team.app('Ana Torres');
    const luis = await team.app('Luis Vega');
    await ana.page.keyboard.press('Control+Shift+N');
    await ana.addPerson('dana', 'Dana Kim');
    await ana.composer.fill('Can we meet tomorrow?');
    await ana.create.click();

    await expect.poll(() => servers.mailbox('dana'), { timeout: 30_000 }).toHaveLength(1);
    const [mail] = await servers.mailbox('dana');
    expect(field(mail!, 'From')).toMatch(/Ana.*Acme.*support@recado\.test/);
    expect(field(mail!, 'Reply-To')).toMatch(/reply\+[a-z2-7]+@recado\.test/);
    expect(field(mail!, 'Auto-Submitted')).toBe('');
    const to = /<?(reply\+[^>\s]+)>?/.exec(field(mail!, 'Reply-To'))![1]!;
    const answer = answerTo(mail!);
    await servers.send('dana@recado.test', to, answer);
    await servers.send('dana@recado.test', to, answer); // as a mail server does that lost our answer

    const spring = Buffer.from('Perfekt, danke — bis morgen ☀', 'utf8').toString('latin1');
    await servers.send('dana@recado.test', to, laterAnswer(mail!, 2, 'Shift_JIS', 'base64', JAPANESE));
    await servers.send('dana@recado.test', to, laterAnswer(mail!, 3, 'utf-8', '8bit', spring));

    for (const app of [ana, luis]) {
      await app.open('Open conversations', 'Dana Kim');
      const came = app.message('Sí, mañana nos va bien.');
      await expect(came).toBeVisible({ timeout: 30_000 });
      await expect(came).toContainText('plano.pdf');
      await expect(came).not.toContainText('Can we meet');
      await expect(came).not.toContainText('Helio');
      await expect(app.message('明日の午後でお願いします。')).not.toContainText('tomorrow');
      await expect(app.message('Perfekt, danke — bis morgen ☀')).toBeVisible();
    }
    await ana.send('See you then.');
    await expect.poll(() => servers.mailbox('dana'), { timeout: 30_000 }).toHaveLength(2);
    const next = (await servers.mailbox('dana')).find((m) => m.includes('See you then'))!;
    expect(field(next, 'In-Reply-To')).toBe(field(mail!, 'Message-ID'));
    // The second copy of the answer has had its time: it made nothing.
    await expect(ana.messages.getByRole('article')).toHaveCount(5);
  } finally {
    await servers.stop();
  }
});
