import { hashCheaply } from '../../src/core/shared/passwords.ts'

// A strong hash takes 45 ms of a core: fourteen hundred of them were a sixth of what all tests cost.
hashCheaply()
