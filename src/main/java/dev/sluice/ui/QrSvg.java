package dev.sluice.ui;

import io.nayuki.qrcodegen.QrCode;

/** QR codes as SVG: one path, no script, no style, sharp at any size. */
final class QrSvg {
    /** Quiet zone in modules that scanners need (ISO/IEC 18004). */
    private static final int QUIET = 4;

    private QrSvg() {}

    /** An SVG element; {@code label} is its text alternative. */
    static String of(String text, String label) {
        QrCode code = QrCode.encodeText(text, QrCode.Ecc.LOW);
        int side = code.size + 2 * QUIET;
        StringBuilder path = new StringBuilder(code.size * code.size * 4);
        for (int y = 0; y < code.size; y++) {
            for (int x = 0; x < code.size; x++) {
                if (code.getModule(x, y)) {
                    path.append('M')
                            .append(x + QUIET)
                            .append(' ')
                            .append(y + QUIET)
                            .append("h1v1h-1z");
                }
            }
        }
        return "<svg class=\"qr\" role=\"img\" aria-label=\"" + escaped(label) + "\" viewBox=\"0 0 " + side + " " + side
                + "\" shape-rendering=\"crispEdges\"><rect width=\"100%\" height=\"100%\" fill=\"#fff\"/><path "
                + "fill=\"#000\" d=\""
                + path + "\"/></svg>";
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
    }
}
