import type { FileAccess } from "./files.ts";
import type { Kind, Parsed } from "./kinds.ts";

/** A file with certificates, and what is in it. */
export interface CertificateFile {
  path: string;
  /** "" until it was read. */
  pem: string;
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/;

/** The path of a file with certificates in PEM, or none. */
export const certificateFile: Kind<CertificateFile | null> = {
  allowed: "the path of a file with certificates in PEM",
  parse(raw) {
    if (typeof raw !== "string" || /\p{Cc}/u.test(raw)) {
      return { problem: `must be ${certificateFile.allowed}` };
    }
    return { value: raw.trim() === "" ? null : { path: raw.trim(), pem: "" } };
  },
  show: (value) => value?.path ?? "",
};

/** The file with what is in it. */
export function readCertificates(
  file: CertificateFile | null,
  files: FileAccess,
): Parsed<CertificateFile | null> {
  if (file === null) return { value: null };
  let pem: string | undefined;
  try {
    pem = files.readText(file.path);
  } catch (error) {
    return { problem: `cannot be read: ${error instanceof Error ? error.message : String(error)}` };
  }
  if (pem === undefined) return { problem: "there is no such file" };
  if (CERTIFICATE.test(pem)) return { value: { ...file, pem } };
  return {
    problem: "must hold a certificate in PEM, which begins with -----BEGIN CERTIFICATE-----",
  };
}
