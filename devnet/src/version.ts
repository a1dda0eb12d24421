// The package's version, for --version, the banner and getVersionInfo; a test holds it to package.json.

export const VERSION = '0.1.0';
