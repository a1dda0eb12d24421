// The way back to the wallet, shown above the heading of every screen that is one step away from it.
import { Link } from 'react-router';
import { Icon } from '../ui/Icon.tsx';

export function BackHome() {
  return (
    <Link to="/" className="back">
      <Icon name="back" />
      Wallet
    </Link>
  );
}
