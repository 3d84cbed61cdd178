/** Servlet-side vocabulary: bodies read within a limit, correlation ids, problems on the wire. */
@NullMarked
package dev.postrider.platform.web;

import org.jspecify.annotations.NullMarked;
