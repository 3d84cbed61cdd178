/** The one way HTTP and SMTP leave this service, and where they may go. */
@NullMarked
package dev.postrider.channel.egress;

import org.jspecify.annotations.NullMarked;
