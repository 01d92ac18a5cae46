import { defineConfig } from "vite";

// `npm run dev` forwards to a running `lookfors serve`; the built files are served by it directly.
const service = process.env.LOOKFORS_URL ?? "http://127.0.0.1:8000";

export default defineConfig({
  build: { target: "es2023", manifest: true, cssCodeSplit: false, reportCompressedSize: false },
  server: { proxy: { "/api": service } },
  preview: { proxy: { "/api": service } },
});
