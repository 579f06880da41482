/** How long the server may take. */
export interface SmtpTimeouts {
  /** Until the connection stands; a host that drops packets is not waited for any longer. */
  readonly connectMs: number;
  /** Greeting, EHLO, STARTTLS and login together. */
  readonly openMs: number;
  /** MAIL, RCPT and RSET. */
  readonly commandMs: number;
  readonly dataMs: number;
  /** For each block of the message that the kernel takes. */
  readonly blockMs: number;
  readonly dotMs: number;
}

/**
 * RFC 5321 4.5.3.2: five minutes from the greeting to RCPT, two for DATA, three for a block, ten for the reply to the dot. A shorter
 * wait there manufactures doubles (R17).
 */
export const SMTP_TIMEOUTS: SmtpTimeouts = {
  connectMs: 30_000,
  openMs: 300_000,
  commandMs: 300_000,
  dataMs: 120_000,
  blockMs: 180_000,
  dotMs: 600_000,
};
