/** WhatsApp through a WAHA server (waha.devlike.pro). */
@NullMarked
package dev.postrider.channel.waha;

import org.jspecify.annotations.NullMarked;
