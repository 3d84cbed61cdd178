/** WhatsApp through Meta's Cloud API (developers.facebook.com/docs/whatsapp/cloud-api). */
@NullMarked
package dev.postrider.channel.whatsappcloud;

import org.jspecify.annotations.NullMarked;
