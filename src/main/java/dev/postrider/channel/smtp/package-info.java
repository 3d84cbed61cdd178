/** E-mail through an SMTP server (RFC 5321). */
@NullMarked
package dev.postrider.channel.smtp;

import org.jspecify.annotations.NullMarked;
