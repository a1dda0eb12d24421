// Says in one sentence what is wrong when the project runs on a Node that cannot run TypeScript: plain JavaScript, so
// that any Node can read it. "npm install" brings the right one unless its install scripts are switched off.
const MIN_NODE_MAJOR = 24;

if (Number(process.versions.node.split('.')[0]) < MIN_NODE_MAJOR) {
  console.error(
    `Latchkey needs Node ${MIN_NODE_MAJOR}, and this is ${process.version}. "npm install" brings it as the package "node"; ` +
      'if scripts are switched off there, run "npm rebuild node" once.',
  );
  process.exit(1);
}
