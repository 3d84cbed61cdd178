/** The one way HTTP and SMTP leave this service, and where they may go. */
@NamedInterface("egress")
@NullMarked
package dev.postrider.channel.egress;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.NamedInterface;
